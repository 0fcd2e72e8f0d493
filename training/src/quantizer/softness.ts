import { type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import type { Codebook } from './quantizer.ts';
import { assign } from './scalar.ts';
import { softAssignment, toVectors } from './vectors.ts';

/**
 * How soft the assignment still is: the share of phi that does not lie on the nearest center, mean
 * over all vectors of z [n, h, w, C]. 0 is hard.
 */
export function softnessOf(z: Tensor4D, codebook: Codebook, sigma: number): number {
  if (codebook.kind === 'vectors') {
    return tf.tidy(() => {
      const phi = softAssignment(toVectors(z, codebook.patch), codebook.centers, sigma);
      return 1 - (tf.mean(tf.max(phi as Tensor2D, 1)).dataSync()[0] as number);
    });
  }
  const elements = z.dataSync() as Float32Array;
  const { phi, count } = assign(elements, codebook.centers.dataSync() as Float32Array, sigma);
  let nearest = 0;
  // The middle one of three planes.
  for (let i = 0; i < elements.length; i++) nearest += phi[count + i];
  return 1 - nearest / elements.length;
}
