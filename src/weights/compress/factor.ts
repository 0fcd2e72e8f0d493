/**
 * The upper triangular U with U^T U = (A + damping * mean diagonal)^-1, row-major.
 *
 * 1 / U[j][j]^2 is what a unit error in column j costs when the columns after it make up for it as
 * well as they can, and U[j][k] / U[j][j] says how (Frantar et al., "GPTQ", ICLR 2023, which takes
 * the step from Hassibi and Stork's optimal brain surgeon).
 *
 * @param matrix [size][size], symmetric, not negative definite.
 * @param damping A share of the mean diagonal, > 0: columns that are never used stay harmless.
 */
export function inverseFactor(matrix: Float64Array, size: number, damping: number): Float64Array {
  // With rows and columns in reverse order the lower triangular factor's inverse is the wanted one.
  const lower = new Float64Array(size * size);
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * size + i]!;
  const ridge = trace > 0 ? (damping * trace) / size : 1;
  const last = size - 1;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) lower[i * size + j] = matrix[(last - i) * size + last - j]!;
    lower[i * size + i] = lower[i * size + i]! + ridge;
  }
  choleskyInPlace(lower, size);
  const inverse = invertLower(lower, size);
  const upper = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) upper[i * size + j] = inverse[(last - i) * size + last - j]!;
  }
  return upper;
}

/** Cholesky's factor of a positive definite matrix, of which the lower triangle is given. */
function choleskyInPlace(a: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      const rest = a[row + j]! - product(a, row, other, j);
      a[row + j] = i === j ? Math.sqrt(rest) : rest / a[other + j]!;
    }
  }
}

/** Inner product of the elements from two places on: in four sums, which do not wait for each other. */
function product(a: Float64Array, p: number, q: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += a[p + k]! * a[q + k]!;
    s1 += a[p + k + 1]! * a[q + k + 1]!;
    s2 += a[p + k + 2]! * a[q + k + 2]!;
    s3 += a[p + k + 3]! * a[q + k + 3]!;
  }
  for (; k < count; k++) s0 += a[p + k]! * a[q + k]!;
  return s0 + s1 + (s2 + s3);
}

function invertLower(lower: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let k = 0; k < i; k++) {
      const factor = lower[row + k]!;
      for (let j = 0; j <= k; j++)
        inverse[row + j] = inverse[row + j]! - factor * inverse[k * size + j]!;
    }
    const scale = 1 / lower[row + i]!;
    for (let j = 0; j < i; j++) inverse[row + j] = inverse[row + j]! * scale;
    inverse[row + i] = scale;
  }
  return inverse;
}
