import type { Patches } from './patches.js';

/** First and second moments of a layer's inputs. */
export interface Moments {
  readonly columns: number;
  /** [columns] */
  readonly mean: Float64Array;
  /** [columns][columns], of the deviations from the mean; symmetric. */
  readonly covariance: Float64Array;
}

/** Rows that are multiplied at once: two such pieces of two columns stay in the first cache. */
const PIECE = 512;

/**
 * Mean and covariance of patches, all sums in double precision and in a fixed order.
 * Takes columns^2 * rows / 2 multiplications.
 */
export function momentsOf({ rows, columns, data }: Patches): Moments {
  const mean = new Float64Array(columns);
  const centred = Float32Array.from(data);
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let r = c * rows; r < (c + 1) * rows; r++) sum += data[r]!;
    mean[c] = sum / rows;
    for (let r = c * rows; r < (c + 1) * rows; r++) centred[r] = data[r]! - mean[c]!;
  }
  const covariance = new Float64Array(columns * columns);
  for (let start = 0; start < rows; start += PIECE) {
    const count = Math.min(PIECE, rows - start);
    for (let i = 0; i < columns; i += 2) {
      for (let j = 0; j <= i; j += 2)
        addBlock(covariance, centred, rows, columns, start, count, i, j);
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      const value = covariance[i * columns + j]! / rows;
      covariance[i * columns + j] = value;
      covariance[j * columns + i] = value;
    }
  }
  return { columns, mean, covariance };
}

/** Adds the products of columns i, i + 1 with j, j + 1 over some rows: two loads a product, not four. */
function addBlock(
  sums: Float64Array,
  x: Float32Array,
  rows: number,
  columns: number,
  start: number,
  count: number,
  i: number,
  j: number,
): void {
  const i0 = i * rows + start;
  const j0 = j * rows + start;
  // At an odd edge the last column stands in for the one that is not there.
  const i1 = i + 1 < columns ? i0 + rows : i0;
  const j1 = j + 1 < columns ? j0 + rows : j0;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let r = 0; r < count; r++) {
    const p = x[i0 + r]!;
    const q = x[i1 + r]!;
    const s = x[j0 + r]!;
    const t = x[j1 + r]!;
    a += p * s;
    b += p * t;
    c += q * s;
    d += q * t;
  }
  sums[i * columns + j] = sums[i * columns + j]! + a;
  if (j + 1 < columns) sums[i * columns + j + 1] = sums[i * columns + j + 1]! + b;
  if (i + 1 < columns) {
    sums[(i + 1) * columns + j] = sums[(i + 1) * columns + j]! + c;
    if (j + 1 < columns) sums[(i + 1) * columns + j + 1] = sums[(i + 1) * columns + j + 1]! + d;
  }
}

/** Mean and variance of an output of a layer, sum of weights times inputs. */
export function outputMoments(
  { columns, mean, covariance }: Moments,
  weights: Float64Array,
): { mean: number; variance: number } {
  let m = 0;
  let v = 0;
  for (let i = 0; i < columns; i++) {
    const w = weights[i]!;
    if (w === 0) continue;
    m += w * mean[i]!;
    let sum = 0;
    for (let j = 0; j < i; j++) sum += covariance[i * columns + j]! * weights[j]!;
    v += w * (2 * sum + covariance[i * columns + i]! * w);
  }
  return { mean: m, variance: v };
}
