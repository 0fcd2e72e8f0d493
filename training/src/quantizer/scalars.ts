import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../tf.ts';
import { codeLengths } from './histogram.ts';
import { noisy } from './noise.ts';
import type { Quantized, QuantizerOptions } from './quantizer.ts';
import { assign, pricedBits, quantize, softBits } from './scalar.ts';

const flat = (t: Tensor) => tf.reshape(t, [t.size]) as Tensor1D;

/**
 * Quantizes every element of z [n, h, w, C] to ascending centers [L]. With a context model the
 * cells of the centers, between their midpoints, have the mass that it predicts.
 */
export function quantizeScalars(
  z: Tensor4D,
  centers: Tensor1D,
  options: QuantizerOptions,
): Quantized {
  if (options.forward === 'noise') return noisy(z, centers, options);
  const elements = flat(z);
  const n = z.shape[0];
  const assignment = assign(
    elements.dataSync() as Float32Array,
    centers.dataSync() as Float32Array,
    options.sigma,
  );
  return {
    value: tf.reshape(quantize(elements, centers, assignment, options), z.shape),
    bits(distribution) {
      const { sigma } = options;
      let bits: Tensor1D;
      if (distribution) {
        const { mean, logScale } = distribution;
        bits = softBits(elements, flat(mean), flat(logScale), centers, assignment, sigma);
      } else {
        const price = codeLengths(assignment.nearest, centers.size);
        bits = pricedBits(elements, centers, assignment, price, sigma);
      }
      return tf.sum(tf.reshape(bits, [n, z.size / n]), 1) as Tensor1D;
    },
  };
}
