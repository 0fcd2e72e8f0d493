import type { Config, Structure } from '../config.ts';
import { drawBatch, type ImageSet, type Picture } from '../data/images.ts';
import { msssim } from '../loss/msssim.ts';
import { codebookOf, codec, scaledLatent } from '../model/codec.ts';
import type { Weights } from '../model/layers.ts';
import type { Layout } from '../model/parameters.ts';
import { channelCodeLengths } from '../quantizer/histogram.ts';
import { nearestOf, toVectors } from '../quantizer/vectors.ts';
import { Rng } from '../rng.ts';
import { type Tensor4D, tf } from '../tf.ts';
import { unpack } from '../trainer.ts';

/** Means over pictures of the float model at one rate index: estimated bits, without headers. */
export interface FloatPoint {
  rate: number;
  bpp: number;
  /** On 8-bit RGB, dB. */
  psnr: number;
  msssim: number;
  /** -10 log10(1 - MS-SSIM). */
  msssimDb: number;
}

/** Training crops whose symbols make the histograms that vectors are priced by. */
const HISTOGRAM_CROPS = 64;

/**
 * The float model with hard assignment, without headers, at every rate index. Symbols of vectors
 * cost what their channel's histogram of training pictures says, so that no picture pays for less than it would
 * in a file.
 *
 * @param training Where the histograms of vectors come from; scalars do without.
 */
export function floatCurve(
  { structure, run }: Config,
  layout: Layout,
  flat: Float32Array,
  pictures: Picture[],
  training?: ImageSet,
): FloatPoint[] {
  const weights = unpack(layout, flat);
  const points: FloatPoint[] = [];
  for (let rate = 0; rate < structure.rates; rate++) {
    const prices =
      training && structure.vector
        ? histogramPrices(weights, structure, training, run.crop, rate)
        : undefined;
    const measured = pictures.map((picture) => measure(weights, structure, picture, rate, prices));
    const mean = (key: 'bpp' | 'psnr' | 'msssim') =>
      measured.reduce((sum, p) => sum + p[key], 0) / measured.length;
    points.push({
      rate,
      bpp: mean('bpp'),
      psnr: mean('psnr'),
      msssim: mean('msssim'),
      msssimDb: -10 * Math.log10(1 - mean('msssim')),
    });
  }
  tf.dispose(weights);
  return points;
}

/** A point with the digits that mean something. */
export function roundedPoint({ rate, bpp, psnr, msssim, msssimDb }: FloatPoint): FloatPoint {
  return {
    rate,
    bpp: Number(bpp.toFixed(4)),
    psnr: Number(psnr.toFixed(3)),
    msssim: Number(msssim.toFixed(5)),
    msssimDb: Number(msssimDb.toFixed(3)),
  };
}

/** Bits of each center at a rate index, from crops of training pictures: [C][L]. */
function histogramPrices(
  weights: Weights,
  structure: Structure,
  training: ImageSet,
  crop: number,
  rate: number,
): Float32Array {
  const rng = new Rng(7);
  const symbols: number[] = [];
  for (let i = 0; i < HISTOGRAM_CROPS; i++) {
    const data = drawBatch(training, 1, crop, rng);
    const nearest = tf.tidy(() => {
      const codebook = codebookOf(weights, structure);
      if (codebook.kind !== 'vectors') throw new RangeError('scalars have a context model');
      const x = tf.tensor4d(data, [1, crop, crop, 3]);
      const z = scaledLatent(weights, structure, x, Int32Array.of(rate));
      return nearestOf(toVectors(z, codebook.patch), codebook.centers);
    });
    for (const k of nearest.dataSync()) symbols.push(k);
    nearest.dispose();
  }
  return channelCodeLengths(Int32Array.from(symbols), structure.channels, structure.centers);
}

/** One picture at one rate index. Its edges are replicated up to multiples of 16. */
function measure(
  weights: Weights,
  structure: Structure,
  { width, height, data }: Picture,
  rate: number,
  prices: Float32Array | undefined,
) {
  const w = Math.ceil(width / 16) * 16;
  const h = Math.ceil(height / 16) * 16;
  const padded = new Float32Array(w * h * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 3;
      for (let c = 0; c < 3; c++) padded[(y * w + x) * 3 + c] = data[from + c] / 255 - 0.5;
    }
  }
  const measured = tf.tidy(() => {
    const x = tf.tensor4d(padded, [1, h, w, 3]);
    const options = { sigma: Number.POSITIVE_INFINITY, forward: 'hard', prices } as const;
    const { picture, bits } = codec(weights, structure, x, Int32Array.of(rate), options);
    const eight = (t: Tensor4D) =>
      tf.slice(
        tf.round(tf.mul(tf.clipByValue(tf.add(t, 0.5), 0, 1), 255)),
        [0, 0, 0, 0],
        [1, height, width, 3],
      ) as Tensor4D;
    const a = eight(x);
    const b = eight(picture);
    const mse = tf.mean(tf.square(tf.sub(a, b)));
    return tf.stack([
      tf.reshape(bits, []),
      mse,
      tf.reshape(msssim(tf.div(a, 255) as Tensor4D, tf.div(b, 255) as Tensor4D), []),
    ]);
  });
  const [bits, mse, similarity] = measured.dataSync();
  measured.dispose();
  return {
    bpp: bits / (width * height),
    psnr: 10 * Math.log10((255 * 255) / mse),
    msssim: similarity,
  };
}
