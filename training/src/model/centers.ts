import type { Structure } from '../config.ts';
import { type Tensor1D, tf } from '../tf.ts';

/** Spacings at the start: 1 near zero, then growing linearly to the outer one. */
export function startSpacings(s: Structure): number[] {
  const half = (s.centers - 1) / 2;
  const growing = half - s.flatCenters;
  return Array.from({ length: half }, (_, i) => {
    if (i < s.flatCenters) return 1;
    return growing > 1 ? 1 + ((s.outerSpacing - 1) * (i - s.flatCenters)) / (growing - 1) : 1;
  });
}

export function softplusInverse(x: number): number {
  return Math.log(Math.expm1(x));
}

/** The L centers, ascending and symmetric about zero, from (L - 1) / 2 raw spacings. */
export function centersOf(raw: Tensor1D): Tensor1D {
  const positive = tf.cumsum(tf.softplus(raw)) as Tensor1D;
  return tf.concat([tf.neg(tf.reverse(positive)), tf.zeros([1]), positive]) as Tensor1D;
}
