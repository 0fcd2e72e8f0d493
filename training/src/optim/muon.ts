import { type Tensor3D, tf } from '../tf.ts';

/** Newton-Schulz coefficients of Jordan et al., Muon (2024). */
const A = 3.4445;
const B = -4.775;
const C = 2.0315;
const ITERATIONS = 5;

/** Side of the Gram matrices that matrices of smaller side `n` share: a padding of zeros is exact. */
function bucketOf(n: number): number {
  const step = n <= 48 ? 16 : 32;
  return Math.ceil(n / step) * step;
}

/**
 * Brings the singular values of batches of matrices, [b, rows, columns] each, near 1, singular
 * vectors kept. A matrix of zeros stays zero.
 *
 * Each iteration is X <- (a I + b XX' + c (XX')^2) X. All its factors are polynomials of the same
 * Gram matrix, so they are collected there and multiply X once, at the end: the products in
 * between have only the smaller side, and batches of about the same smaller side share them.
 */
export function orthogonalize(batches: Tensor3D[]): Tensor3D[] {
  return tf.tidy(() => {
    const units = batches.map((x) => {
      const norm = tf.sqrt(tf.sum(tf.square(x), [1, 2], true));
      return tf.div(x, tf.add(norm, 1e-12)) as Tensor3D;
    });
    const bySide = new Map<number, number[]>();
    units.forEach((x, i) => {
      const side = bucketOf(Math.min(x.shape[1], x.shape[2]));
      bySide.set(side, [...(bySide.get(side) ?? []), i]);
    });
    const results: Tensor3D[] = [];
    for (const [side, members] of bySide) {
      const grams = members.map((i) => {
        const [, rows, columns] = units[i].shape;
        const tall = rows > columns;
        const gram = tf.matMul(units[i], units[i], tall, !tall) as Tensor3D;
        const more = side - gram.shape[1];
        if (more === 0) return gram;
        return tf.pad(gram, [
          [0, 0],
          [0, more],
          [0, more],
        ]);
      });
      const factors = tf.split(
        collect(tf.concat(grams, 0)),
        grams.map((g) => g.shape[0]),
      );
      members.forEach((i, j) => {
        const [b, rows, columns] = units[i].shape;
        const n = Math.min(rows, columns);
        const factor = n === side ? factors[j] : tf.slice(factors[j], [0, 0, 0], [b, n, n]);
        results[i] = rows > columns ? tf.matMul(units[i], factor) : tf.matMul(factor, units[i]);
      });
    }
    return results;
  });
}

/** The product of all iterations' factors, from Gram matrices [b, n, n]. */
function collect(gram: Tensor3D): Tensor3D {
  const identity = tf.expandDims(tf.eye(gram.shape[1]), 0);
  const first = tf.mul(identity, A);
  const second = tf.mul(identity, B);
  let total: Tensor3D | undefined;
  for (let i = 0; i < ITERATIONS; i++) {
    // a I + (b I + c G) G
    const inner = tf.add(second, tf.mul(gram, C));
    const step = tf.add(first, tf.matMul(inner, gram)) as Tensor3D;
    total = total ? (tf.matMul(step, total) as Tensor3D) : step;
    if (i + 1 < ITERATIONS) gram = tf.matMul(tf.matMul(step, gram), step);
  }
  return total as Tensor3D;
}
