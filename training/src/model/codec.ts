import type { Structure } from '../config.ts';
import { type Codebook, type QuantizerOptions, quantizeLatent } from '../quantizer/quantizer.ts';
import { type Tensor1D, type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import { centersOf } from './centers.ts';
import type { Weights } from './layers.ts';
import { analysis, context, synthesis } from './networks.ts';

/** Range of the log-scale in quantizer units. */
export const LOG_SCALE_MIN = -4.5;
export const LOG_SCALE_MAX = 6;

export interface CodecOutput {
  /** Picture minus 0.5, [n, h, w, 3], not clipped. */
  picture: Tensor4D;
  /** Estimated bits of each sample: [n]. */
  bits: Tensor1D;
}

/**
 * Encodes and decodes a batch x [n, h, w, 3] (RGB / 255 - 0.5) with one rate index a sample.
 *
 * z = y * exp(lg); quantize z; the decoder sees center * exp(li - lg).
 */
export function codec(
  w: Weights,
  s: Structure,
  x: Tensor4D,
  rates: Int32Array,
  options: QuantizerOptions,
): CodecOutput {
  const n = x.shape[0];
  const index = tf.tensor1d(rates, 'int32');
  const rows = (name: string) =>
    tf.reshape(tf.gather(w[name] as Tensor2D, index), [n, 1, 1, s.channels]);

  const lg = rows('gains.encoder');
  const li = rows('gains.decoder');
  const gain = tf.exp(lg);
  const z = tf.mul(analysis(w, s, x), gain) as Tensor4D;
  const { value, bits } = quantizeLatent(z, codebookOf(w, s), options);
  const latent = tf.mul(value, tf.exp(tf.sub(li, lg))) as Tensor4D;
  const picture = synthesis(w, s, latent);
  if (s.vector) return { picture, bits: bits() };
  const { mean, logScale } = context(w, s, latent);
  const scale = tf.clipByValue(tf.add(logScale, lg), LOG_SCALE_MIN, LOG_SCALE_MAX) as Tensor4D;
  return { picture, bits: bits({ mean: tf.mul(mean, gain) as Tensor4D, logScale: scale }) };
}

/** The centers of a structure, made from its weights. */
export function codebookOf(w: Weights, { vector }: Structure): Codebook {
  return vector
    ? { kind: 'vectors', centers: w['centers.table'] as Tensor2D, patch: vector }
    : { kind: 'scalars', centers: centersOf(w['centers.spacing'] as Tensor1D) };
}
