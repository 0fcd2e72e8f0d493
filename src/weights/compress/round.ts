import { type Assignment, type ErrorCost, spread } from './assign.js';
import { log2 } from './math.js';
import type { WeightMatrix } from './matrix.js';

/**
 * Rounds a layer's weights to multiples of a step, where these are too many to have costs of their own:
 * steps are fine, or a few weights dwarf the others. Errors are made up for as `assign` does.
 *
 * @returns With multiples of the step in place of indices of centers.
 */
export function roundMatrix(
  weights: WeightMatrix,
  { importance, factor }: ErrorCost,
  step: number,
): Assignment {
  const { rows, columns } = weights;
  const rest = Float64Array.from(weights.data);
  const indices = new Int32Array(rest.length);
  const values = new Float64Array(rest.length);
  let distortion = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const at = r * columns + c;
      indices[at] = Math.round(rest[at]! / step);
      const value = indices[at]! * step;
      const error = rest[at]! - value;
      values[at] = value;
      distortion += importance[c]! * error * error;
      if (factor && error !== 0) spread(rest, r * columns, factor, columns, c, error);
    }
  }
  return { indices, values, distortion, bits: bitsOf(indices) };
}

/** Bits of integers whose lengths have an entropy and whose other digits, sign included, have none less. */
function bitsOf(indices: Int32Array): number {
  const counts = new Float64Array(33);
  for (const index of indices) {
    const length = 32 - Math.clz32(Math.abs(index));
    counts[length] = counts[length]! + 1;
  }
  const all = log2(indices.length);
  return counts.reduce(
    (bits, n, length) => (n > 0 ? bits + n * (all - log2(n) + length) : bits),
    0,
  );
}
