import { bdRate } from '../../../src/cli/metrics/bdrate.ts';
import type { DecoderModel, EncoderModel } from '../../../src/model/layers.ts';
import type { Picture } from '../data/images.ts';
import { evaluateModel, type RatePoint } from '../watch/evaluate.ts';

/** What compressing a model's parts costs, BD-rate in percent. */
export interface CompressionLoss {
  /** All of the part. */
  psnr: number;
  msssim: number;
  /** The bytes alone, and the distortion alone. */
  rateOnly: number;
  distortionOnly: number;
}

interface Pair {
  decoder: DecoderModel;
  encoder: EncoderModel;
}

const QUALITIES = [0, 25, 50, 75, 100];

function bd(before: RatePoint[], after: RatePoint[], key: 'psnr' | 'msssimDb'): number {
  const curve = (points: RatePoint[]) => points.map((p) => ({ rate: p.bpp, quality: p[key] }));
  try {
    return bdRate(curve(before), curve(after));
  } catch (error) {
    // Curves of few pictures need not rise everywhere; without pictures there are none.
    if (error instanceof RangeError) return Number.NaN;
    throw error;
  }
}

function lossOf(before: RatePoint[], after: RatePoint[]): CompressionLoss {
  /** Sizes of one curve with the distortions of the other. */
  const mixed = (rates: RatePoint[], rest: RatePoint[]) =>
    rest.map((point, i) => ({ ...point, bpp: rates[i].bpp }));
  return {
    psnr: bd(before, after, 'psnr'),
    msssim: bd(before, after, 'msssimDb'),
    rateOnly: bd(before, mixed(after, before), 'msssimDb'),
    distortionOnly: bd(before, mixed(before, after), 'msssimDb'),
  };
}

/**
 * Measures what compression costs: the decoder's part with the encoder's as it was, then the
 * encoder's part against that. Nearest centers (effort 0), so that the decoder's rate and distortion
 * come apart: the symbols are the same.
 */
export async function compressionLoss(
  before: Pair,
  after: Pair,
  pictures: Picture[],
): Promise<{ decoder: CompressionLoss; encoder: CompressionLoss }> {
  const measure = (model: Pair) => evaluateModel(model, pictures, QUALITIES, { effort: 0 });
  const encoder = { ...before.encoder, decoderId: after.decoder.id };
  const own = await measure(before);
  const decoded = await measure({ decoder: after.decoder, encoder });
  return { decoder: lossOf(own, decoded), encoder: lossOf(decoded, await measure(after)) };
}
