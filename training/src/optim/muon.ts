import { type Tensor3D, tf } from '../tf.ts';

/** Newton-Schulz coefficients of Jordan et al., Muon (2024). */
const A = 3.4445;
const B = -4.775;
const C = 2.0315;
const ITERATIONS = 5;

/**
 * Brings the singular values of a batch of matrices [b, rows, columns] near 1, singular vectors
 * kept. A matrix of zeros stays zero.
 *
 * Each iteration is X <- (a I + b XX' + c (XX')^2) X. All its factors are polynomials of the same
 * Gram matrix, so they are collected there and multiply X once, at the end: the products in
 * between have only the smaller side.
 */
export function orthogonalize(x: Tensor3D): Tensor3D {
  return tf.tidy(() => {
    const [, rows, columns] = x.shape;
    const tall = rows > columns;
    const n = Math.min(rows, columns);
    const norm = tf.sqrt(tf.sum(tf.square(x), [1, 2], true));
    const unit = tf.div(x, tf.add(norm, 1e-12)) as Tensor3D;
    const identity = tf.mul(tf.eye(n), A);
    let gram = tf.matMul(unit, unit, tall, !tall) as Tensor3D;
    let total: Tensor3D | undefined;
    for (let i = 0; i < ITERATIONS; i++) {
      const square = tf.matMul(gram, gram);
      const step = tf.add(identity, tf.add(tf.mul(gram, B), tf.mul(square, C))) as Tensor3D;
      total = total ? (tf.matMul(step, total) as Tensor3D) : step;
      if (i + 1 < ITERATIONS) gram = tf.matMul(tf.matMul(step, gram), step);
    }
    const factor = total as Tensor3D;
    return tall ? tf.matMul(unit, factor) : tf.matMul(factor, unit);
  });
}
