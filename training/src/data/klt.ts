import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Rng } from '../rng.ts';
import { tf } from '../tf.ts';
import { fillCrop, type ImageSet } from './images.ts';

/** Eigenvectors of square RGB patches: vectors[k * d + (y * side + x) * 3 + c], by falling value. */
export interface Klt {
  vectors: Float32Array;
  values: Float64Array;
}

/**
 * Karhunen-Loeve transform of `count` random patches of RGB / 255 - 0.5. The second moment is
 * taken about zero, so that the first vector carries the mean.
 *
 * @param side Of the patches, in pixels.
 */
export function kltOf(images: ImageSet, count: number, rng: Rng, side = 16): Klt {
  const dimension = side * side * 3;
  const chunk = 4096;
  const moment = new Float64Array(dimension * dimension);
  for (let done = 0; done < count; done += chunk) {
    const n = Math.min(chunk, count - done);
    const data = new Float32Array(n * dimension);
    for (let i = 0; i < n; i++) fillCrop(images, side, rng, data, i * dimension);
    const product = tf.tidy(() => {
      const x = tf.tensor2d(data, [n, dimension]);
      return tf.matMul(x, x, true, false);
    });
    const part = product.dataSync();
    product.dispose();
    for (let i = 0; i < moment.length; i++) moment[i] += part[i] / count;
  }
  return eigen(moment, dimension);
}

/** Eigenvectors (as rows) and eigenvalues of a symmetric matrix, by falling eigenvalue. */
export function eigen(symmetric: Float64Array, n: number): Klt {
  const matrix = Matrix.from1DArray(n, n, symmetric);
  const evd = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = evd.realEigenvalues.map((_, i) => i);
  order.sort((a, b) => evd.realEigenvalues[b] - evd.realEigenvalues[a]);
  const vectors = new Float32Array(n * n);
  const values = new Float64Array(n);
  order.forEach((from, k) => {
    values[k] = Math.max(evd.realEigenvalues[from], 1e-12);
    for (let i = 0; i < n; i++) vectors[k * n + i] = evd.eigenvectorMatrix.get(i, from);
  });
  return { vectors, values };
}
