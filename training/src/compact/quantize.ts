import { scaleIndex } from '../../../src/model/steps.ts';
import { assign } from '../../../src/weights/compress/assign.ts';
import { uniformScalars } from '../../../src/weights/compress/codebook.ts';
import { inverseFactor } from '../../../src/weights/compress/factor.ts';
import { magnitudes, Rates } from '../../../src/weights/compress/rates.ts';
import type { Matrix } from './matrices.ts';
import type { Sensitivity } from './sensitivity.ts';

/** A layer's weights as indices, and the integers that they stand for. */
export interface QuantizedLayer {
  matrix: Matrix;
  /** [rows], [columns]: steps in units of 1/256 octave; a weight's step is the sum of both. */
  rowSteps: Int16Array;
  columnSteps: Int16Array;
  /** [rows][columns] */
  indices: Int16Array;
  /** [rows][columns] */
  weights: Int16Array;
  bias: Int32Array;
  /** Estimate of what the indices take. */
  bits: number;
  /** By the sensitivity, in ln(rate). */
  cost: number;
}

/** Steps lie this far apart: half an octave. */
const GRID = 128;
/** Step over the square root of (price of a bit over importance); see src/weights/compress. */
const STEP = 2.8;
/** Added to the moments' diagonal, as a share of their mean. */
const DAMPING = 0.01;
/** Room beyond the largest weight for what makes up for others' errors. */
const REACH = 1.5;
const PASSES = 2;
/** Bounds of steps, whose sum must stay below 15 octaves: docs/format.md, section 9.2. */
const ROW_STEP_MAX = 1024;
const COLUMN_STEP_MAX = 3840 - GRID - ROW_STEP_MAX;
/** Biases are rounded to this share of an output's unit, 2^-BIAS_BITS. */
const BIAS_BITS = 5;
const LIMIT = 2 ** 31;

/** What the price does not change. */
export interface Prepared {
  matrix: Matrix;
  /** [rows][columns] */
  weights: Float64Array;
  bias: Int32Array;
  sensitivity: Sensitivity;
  /** `inverseFactor` of the moments. */
  factor: Float64Array;
}

export function prepare(
  matrix: Matrix,
  weights: Float64Array,
  bias: Int32Array,
  sensitivity: Sensitivity,
): Prepared {
  const factor = inverseFactor(sensitivity.moments, matrix.columns, DAMPING);
  return { matrix, weights, bias, sensitivity, factor };
}

const round = (octaves: number) => Math.round((octaves * 256) / GRID) * GRID;

/**
 * The steps of rows and columns at which a step more or less costs what it brings. Integers have
 * steps of at least one, so that the sum is not below zero; what is finer is not worth its bits.
 */
function stepsFor({ matrix, sensitivity, factor }: Prepared, price: number) {
  const { columns } = matrix;
  const row = Float64Array.from(sensitivity.importance, (a) => -Math.log2(Math.max(a, 1e-6)) / 2);
  const column = Float64Array.from({ length: columns }, (_, c) =>
    Math.log2(STEP * Math.sqrt(price) * factor[c * columns + c]),
  );
  const lowest = row.reduce((least, r) => Math.min(least, r), Number.POSITIVE_INFINITY);
  const rowSteps = Int16Array.from(row, (r) => Math.min(ROW_STEP_MAX, round(r - lowest)));
  const columnSteps = Int16Array.from(column, (c) =>
    Math.min(COLUMN_STEP_MAX, Math.max(0, round(c + lowest))),
  );
  return { rowSteps, columnSteps };
}

/** Chooses indices at a price of a bit, in ln(rate). */
export function quantizeLayer(prepared: Prepared, price: number): QuantizedLayer {
  const { matrix, weights: own, sensitivity, factor } = prepared;
  const { rows, columns } = matrix;
  const { rowSteps, columnSteps } = stepsFor(prepared, price);
  const down = Float64Array.from(rowSteps, (s) => 2 ** (s / 256));
  const across = Float64Array.from(columnSteps, (s) => 2 ** (s / 256));
  // In units of the steps, the moments' inverse factor is divided by them, too.
  const scaled = factor.slice();
  for (let i = 0; i < columns; i++) {
    for (let j = i; j < columns; j++) scaled[i * columns + j] /= across[j];
  }
  let most = 0;
  const data = own.map((w, i) => {
    const value = w / (down[Math.floor(i / columns)] * across[i % columns]);
    most = Math.max(most, Math.abs(value));
    return value;
  });
  // Rows' importance and steps make up for each other but for the steps' rounding.
  let weight = 0;
  for (let o = 0; o < rows; o++) weight += (sensitivity.importance[o] * down[o] ** 2) / rows;
  const importance = Float64Array.from(
    { length: columns },
    (_, c) => weight / scaled[c * columns + c] ** 2,
  );
  const centers = uniformScalars(1, Math.min(32767, Math.ceil(most * REACH) + 1));
  const rates = new Rates(magnitudes(centers).map((m) => (m === 0 ? 0.5 : 1.5 + m)));
  let result = assign(
    { rows, columns, data },
    { importance, factor: scaled },
    centers,
    price,
    rates,
  );
  for (let pass = 1; pass < PASSES; pass++) {
    rates.update();
    result = assign({ rows, columns, data }, { importance, factor: scaled }, centers, price, rates);
  }
  const indices = Int16Array.from(result.indices, (i) => i - centers.zero);
  const layer = {
    matrix,
    rowSteps,
    columnSteps,
    indices,
    bits: result.bits,
    cost: result.distortion,
  };
  keepWithinBounds(prepared, layer);
  const weights = valuesOf(layer);
  return { ...layer, weights, bias: biasFor(prepared, weights) };
}

type Indexed = Pick<QuantizedLayer, 'matrix' | 'rowSteps' | 'columnSteps' | 'indices'>;

function valuesOf({ matrix: { columns }, rowSteps, columnSteps, indices }: Indexed): Int16Array {
  return indices.map((q, i) =>
    scaleIndex(q, rowSteps[Math.floor(i / columns)] + columnSteps[i % columns]),
  );
}

/** Takes steps off a row's largest weights where an accumulator could overflow: format.md, 7.1. */
function keepWithinBounds({ bias }: Prepared, layer: Indexed): void {
  const { columns, rows, shift, largest } = layer.matrix;
  const { rowSteps, columnSteps, indices } = layer;
  for (let o = 0; o < rows; o++) {
    const value = (c: number, q: number) => Math.abs(scaleIndex(q, rowSteps[o] + columnSteps[c]));
    const room = LIMIT - Math.abs(bias[o]) * 1.01 - 2 ** shift;
    for (;;) {
      let sum = 0;
      let worst = 0;
      let worstSize = 0;
      for (let c = 0; c < columns; c++) {
        const q = indices[o * columns + c];
        const size = value(c, q);
        sum += size * largest(c);
        if (size > worstSize) [worst, worstSize] = [c, size];
      }
      if ((sum < room && worstSize <= 32767) || worstSize === 0) break;
      const at = o * columns + worst;
      indices[at] -= Math.sign(indices[at]);
    }
  }
}

/** Biases that make up for the weights' errors at the inputs' mean, rounded. */
function biasFor({ matrix, weights: own, bias, sensitivity }: Prepared, weights: Int16Array) {
  const { columns, shift } = matrix;
  const unit = 2 ** Math.max(0, shift - BIAS_BITS);
  return bias.map((b, o) => {
    let sum = b;
    for (let c = 0; c < columns; c++) {
      const i = o * columns + c;
      sum += (own[i] - weights[i]) * sensitivity.mean[c];
    }
    return Math.round(sum / unit) * unit;
  });
}
