import { type Tensor1D, type Tensor4D, tf } from '../tf.ts';
import type { Quantized, QuantizerOptions } from './quantizer.ts';
import { assign, FLOOR } from './scalar.ts';

/**
 * Additive noise in place of quantization (Balle et al. 2016): z + w u, where w is the width of
 * the nearest center's cell and u uniform on +-1/2. The rate is that of an interval of the same
 * width around the noisy value. Gradients pass straight through to z; none reach the centers.
 *
 * @throws RangeError without a source of randomness.
 */
export function noisy(z: Tensor4D, centers: Tensor1D, { rng }: QuantizerOptions): Quantized {
  if (!rng) throw new RangeError('noise needs a source of randomness');
  const c = centers.dataSync() as Float32Array;
  const { nearest } = assign(z.dataSync() as Float32Array, c, Number.POSITIVE_INFINITY);
  const last = c.length - 1;
  // The outer cells have no end: they count as wide as the gap on their inner side.
  const widths = Float32Array.from(nearest, (k) => {
    const below = k > 0 ? c[k] - c[k - 1] : c[1] - c[0];
    const above = k < last ? c[k + 1] - c[k] : c[last] - c[last - 1];
    return 0.5 * (below + above);
  });
  const noise = widths.map((w) => w * (rng.uniform() - 0.5));
  const value = tf.add(z, tf.tensor4d(noise, z.shape)) as Tensor4D;
  const half = tf.tensor4d(
    widths.map((w) => 0.5 * w),
    z.shape,
  );
  return {
    value,
    bits(distribution) {
      if (!distribution) throw new RangeError('noise needs a context model for its rate');
      const { mean, logScale } = distribution;
      // By symmetry in the lower tail, where the difference of two sigmoids keeps its digits.
      const away = tf.neg(tf.abs(tf.sub(value, mean)));
      const inverse = tf.exp(tf.neg(logScale));
      const upper = tf.sigmoid(tf.mul(tf.add(away, half), inverse));
      const lower = tf.sigmoid(tf.mul(tf.sub(away, half), inverse));
      const nats = tf.neg(tf.log(tf.add(tf.sub(upper, lower), FLOOR)));
      return tf.mul(tf.sum(nats, [1, 2, 3]), 1 / Math.LN2) as Tensor1D;
    },
  };
}
