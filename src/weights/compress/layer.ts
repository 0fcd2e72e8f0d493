import type { ErrorCost } from './assign.js';
import { inverseFactor } from './factor.js';
import type { WeightMatrix } from './matrix.js';
import { type Moments, outputMoments } from './moments.js';
import type { Patches } from './patches.js';
import type { ProductEngine } from './products/engine.js';

/** Added to the inputs' covariance, as a share of its mean diagonal, at least. */
const DAMPING = 0.01;
/** The same, by columns of the inputs for each row: of fewer rows than columns little is known. */
const DAMPING_OF_FEW = 0.05;

/** Cost of a unit of squared output error: one over the outputs' power; layers without any output cost nothing. */
export function weightOf(power: number): number {
  return power > 0 ? 1 / power : 1e-12;
}

/** What a network's layer makes of its inputs: mean and variance of each output. */
export interface OutputStatistics {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/**
 * A layer's outputs on patches, without its bias: [rows of the weights][rows of the patches].
 *
 * @param less Other patches at the same places, to be taken off the first.
 */
export function outputsOf(
  weights: WeightMatrix,
  patches: Patches,
  products: ProductEngine,
  less?: Patches,
): Float64Array {
  const { columns, rows } = patches;
  const w = { rows: weights.rows, length: columns, data: Float32Array.from(weights.data) };
  return products.multiply(w, { rows, length: columns, data: rowMajor(patches, less) });
}

/** Patches, or the differences of two, as [rows][columns]. */
function rowMajor({ columns, data, rows }: Patches, less?: Patches): Float32Array {
  const out = new Float32Array(data.length);
  for (let c = 0; c < columns; c++) {
    for (let r = 0, at = c * rows; r < rows; r++, at++) {
      out[r * columns + c] = less ? data[at]! - less.data[at]! : data[at]!;
    }
  }
  return out;
}

/** Statistics of outputs as `outputsOf` gives them. */
export function statisticsOf(outputs: Float64Array, rows: number): OutputStatistics {
  const count = outputs.length / rows;
  const mean = new Float64Array(rows);
  const variance = new Float64Array(rows);
  for (let o = 0; o < rows; o++) {
    let sum = 0;
    let squares = 0;
    for (let r = o * count; r < (o + 1) * count; r++) sum += outputs[r]!;
    const m = sum / count;
    for (let r = o * count; r < (o + 1) * count; r++) squares += (outputs[r]! - m) ** 2;
    mean[o] = m;
    variance[o] = squares / count;
  }
  return { mean, variance };
}

/** Statistics of the outputs of other weights on inputs of known moments. */
export function statisticsFrom(
  moments: Moments,
  { rows, columns, data }: WeightMatrix,
): OutputStatistics {
  const all = Array.from({ length: rows }, (_, o) =>
    outputMoments(moments, data.subarray(o * columns, (o + 1) * columns)),
  );
  return {
    mean: Float64Array.from(all, ({ mean }) => mean),
    variance: Float64Array.from(all, ({ variance }) => variance),
  };
}

/**
 * What errors in the weights cost where the inputs are known.
 *
 * The covariance is taken without the mean: a shift of the mean is made up for by the shift of the
 * batch normalization, or the bias, behind the layer.
 *
 * @param weight Cost of a unit of the outputs' squared error, all outputs together.
 */
export function costWithInputs(
  { columns, rows, covariance }: Moments,
  weight: number,
): ErrorCost & { factor: Float64Array } {
  const damping = Math.max(DAMPING, (DAMPING_OF_FEW * columns) / rows);
  const factor = inverseFactor(covariance, columns, damping);
  const importance = Float64Array.from(
    { length: columns },
    (_, j) => weight / factor[j * columns + j]! ** 2,
  );
  return { importance, factor };
}

/** What they cost where nothing is known: inputs are taken as uncorrelated, of variance one. */
export function costWithoutInputs(columns: number, weight: number): ErrorCost {
  return { importance: new Float64Array(columns).fill(weight) };
}

/**
 * The weights that best make up, on the inputs that the quantized layers before leave, for what
 * those layers changed: W + E[(W x - W x') x'^T] Cov(x')^-1, x the original inputs, x' the others,
 * deviations from means throughout (the asymmetric calibration of Li et al., "GPTAQ", ICML 2025).
 *
 * @param changes W x - W x', as `outputsOf` gives it.
 */
export function compensate(
  weights: WeightMatrix,
  changes: Float64Array,
  { rows: count, data: x }: Patches,
  { mean }: Moments,
  factor: Float64Array,
  engine: ProductEngine,
): WeightMatrix {
  const { rows, columns } = weights;
  const data = Float64Array.from(weights.data);
  const products = engine.multiply(
    { rows, length: count, data: Float32Array.from(changes) },
    { rows: columns, length: count, data: x },
  );
  for (let o = 0; o < rows; o++) {
    const change = changes.subarray(o * count, (o + 1) * count);
    const average = change.reduce((a, b) => a + b, 0) / count;
    const gradient = products.subarray(o * columns, (o + 1) * columns);
    for (let c = 0; c < columns; c++) gradient[c] = gradient[c]! / count - average * mean[c]!;
    addSolution(data.subarray(o * columns, (o + 1) * columns), gradient, factor);
  }
  return { rows, columns, data };
}

/** Adds U^T U times a vector, which is Cov^-1 times it. */
function addSolution(into: Float64Array, vector: Float64Array, factor: Float64Array): void {
  const columns = into.length;
  for (let i = 0; i < columns; i++) {
    const row = i * columns;
    let sum = 0;
    for (let j = i; j < columns; j++) sum += factor[row + j]! * vector[j]!;
    for (let j = i; j < columns; j++) into[j] = into[j]! + factor[row + j]! * sum;
  }
}
