import type { Structure } from '../config.ts';
import { type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import { centersOf } from './centers.ts';
import type { Weights } from './layers.ts';
import { analysis, context, synthesis } from './networks.ts';
import { assign, type QuantizerOptions, quantize, softBits } from './quantizer.ts';

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
  const flat = (t: Tensor) => tf.reshape(t, [t.size]) as Tensor1D;

  const lg = rows('gains.encoder');
  const li = rows('gains.decoder');
  const gain = tf.exp(lg);
  const centers = centersOf(w['centers.spacing'] as Tensor1D);
  const y = analysis(w, s, x);
  const z = flat(tf.mul(y, gain));
  const assignment = assign(
    z.dataSync() as Float32Array,
    centers.dataSync() as Float32Array,
    options.sigma,
  );
  const quantized = tf.reshape(quantize(z, centers, assignment, options), y.shape);
  const latent = tf.mul(quantized, tf.exp(tf.sub(li, lg))) as Tensor4D;
  const { mean, logScale } = context(w, s, latent);
  const bits = softBits(
    z,
    flat(tf.mul(mean, gain)),
    flat(tf.clipByValue(tf.add(logScale, lg), LOG_SCALE_MIN, LOG_SCALE_MAX)),
    centers,
    assignment,
    options.sigma,
  );
  return {
    picture: synthesis(w, s, latent),
    bits: tf.sum(tf.reshape(bits, [n, z.size / n]), 1) as Tensor1D,
  };
}
