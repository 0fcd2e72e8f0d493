import type { Structure } from '../config.ts';
import { type Tensor1D, type Tensor4D, tf } from '../tf.ts';
import { centersOf } from './centers.ts';
import type { Weights } from './layers.ts';
import { analysis } from './networks.ts';

/** Side of the flat pictures: their middle is beyond the reach of their edges. */
const SIDE = 192;

/**
 * Encoder gains, [rates][C] in nats, lowered where a picture of one saturated colour, black and
 * white among them, would reach beyond the outermost center: it could not be represented at that
 * rate, whatever its size.
 */
export function capGains(w: Weights, s: Structure): Float32Array {
  // Vectors of any length have a nearest center; what they lose there is trained.
  if (s.vector) return (w['gains.encoder'].dataSync() as Float32Array).slice();
  return tf.tidy(() => {
    const spacing = w['centers.spacing'] as Tensor1D;
    const outermost = (centersOf(spacing).dataSync() as Float32Array)[s.centers - 1];
    let largest = tf.zeros([s.channels]) as Tensor1D;
    for (let corner = 0; corner < 8; corner++) {
      const colour = [corner & 1, (corner >> 1) & 1, corner >> 2].map((v) => v - 0.5);
      const x = tf.mul(tf.ones([1, SIDE, SIDE, 3]), tf.tensor1d(colour)) as Tensor4D;
      largest = tf.maximum(largest, tf.max(tf.abs(analysis(w, s, x)), [0, 1, 2])) as Tensor1D;
    }
    const cap = tf.log(tf.div(outermost, tf.maximum(largest, 1e-6)));
    return tf.minimum(w['gains.encoder'], cap).dataSync() as Float32Array;
  });
}
