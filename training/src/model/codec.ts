import type { Structure } from '../config.ts';
import { type Codebook, type QuantizerOptions, quantizeLatent } from '../quantizer/quantizer.ts';
import { type Tensor1D, type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import { centersOf } from './centers.ts';
import type { Weights } from './layers.ts';
import { analysis, context, synthesis } from './networks.ts';

/** Range of the log-scale in quantizer units. */
export const LOG_SCALE_MIN = -4.5;
export const LOG_SCALE_MAX = 6;

/** Rates of samples: positions among the training rates, from 0. */
export type Rates = Int32Array | Float32Array;

export interface CodecOutput {
  /** Picture minus 0.5, [n, h, w, 3], not clipped. */
  picture: Tensor4D;
  /** Estimated bits of each sample: [n]. */
  bits: Tensor1D;
}

/**
 * Encodes and decodes a batch x [n, h, w, 3] (RGB / 255 - 0.5) with one rate a sample, which may lie
 * between two training rates.
 *
 * z = y * exp(lg); quantize z; the decoder sees center * exp(li - lg).
 */
export function codec(
  w: Weights,
  s: Structure,
  x: Tensor4D,
  rates: Rates,
  options: QuantizerOptions,
): CodecOutput {
  return codecFrom(w, s, scaledLatent(w, s, x, rates), rates, options);
}

/** The same from the latent in the quantizer's units on, z [n, h, w, C]. */
export function codecFrom(
  w: Weights,
  s: Structure,
  z: Tensor4D,
  rates: Rates,
  options: QuantizerOptions,
): CodecOutput {
  const lg = gainsAt(w, 'gains.encoder', rates);
  const li = gainsAt(w, 'gains.decoder', rates);
  const { value, bits } = quantizeLatent(z, codebookOf(w, s), options);
  const latent = tf.mul(value, tf.exp(tf.sub(li, lg))) as Tensor4D;
  const picture = synthesis(w, s, latent);
  if (s.vector) return { picture, bits: bits() };
  const { mean, logScale } = context(w, s, latent);
  const scale = tf.clipByValue(tf.add(logScale, lg), LOG_SCALE_MIN, LOG_SCALE_MAX) as Tensor4D;
  return { picture, bits: bits({ mean: tf.mul(mean, tf.exp(lg)) as Tensor4D, logScale: scale }) };
}

/** The latent in the quantizer's units, z = y * exp(lg): [n, h / 16, w / 16, C]. */
export function scaledLatent(w: Weights, s: Structure, x: Tensor4D, rates: Rates): Tensor4D {
  return tf.mul(analysis(w, s, x), tf.exp(gainsAt(w, 'gains.encoder', rates))) as Tensor4D;
}

/** Log gains of every sample's rate, linear between two training rates as in files: [n, 1, 1, C]. */
function gainsAt(w: Weights, name: string, rates: Rates): Tensor4D {
  const table = w[name] as Tensor2D;
  const at = (rows: Int32Array) => tf.gather(table, tf.tensor1d(rows, 'int32'));
  let gains = at(Int32Array.from(rates));
  if (rates.some((q) => q % 1 > 0)) {
    const share = tf.tensor2d(
      Float32Array.from(rates, (q) => q % 1),
      [rates.length, 1],
    );
    const above = at(Int32Array.from(rates, Math.ceil));
    gains = tf.add(tf.mul(gains, tf.sub(1, share)), tf.mul(above, share));
  }
  return tf.reshape(gains, [rates.length, 1, 1, -1]) as Tensor4D;
}

/** The centers of a structure, made from its weights. */
export function codebookOf(w: Weights, { vector }: Structure): Codebook {
  return vector
    ? { kind: 'vectors', centers: w['centers.table'] as Tensor2D, patch: vector }
    : { kind: 'scalars', centers: centersOf(w['centers.spacing'] as Tensor1D) };
}
