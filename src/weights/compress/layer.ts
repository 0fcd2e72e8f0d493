import type { ErrorCost } from './assign.js';
import { inverseFactor } from './factor.js';
import type { WeightMatrix } from './matrix.js';
import { type Moments, outputMoments } from './moments.js';
import type { Patches } from './patches.js';

/** Added to the inputs' covariance, as a share of its mean diagonal. */
const DAMPING = 0.01;

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
export function outputsOf(weights: WeightMatrix, patches: Patches, less?: Patches): Float64Array {
  const { columns, rows: count } = patches;
  const x = less ? patches.data.map((value, i) => value - less.data[i]!) : patches.data;
  const out = new Float64Array(weights.rows * count);
  for (let o = 0; o < weights.rows; o++) {
    const row = out.subarray(o * count, (o + 1) * count);
    const w = weights.data.subarray(o * columns, (o + 1) * columns);
    // Four columns at once: a load and a store of the sum for four products.
    for (let c = 0; c < columns; c += 4) addColumns(row, w, x, c, Math.min(4, columns - c));
  }
  return out;
}

function addColumns(
  sums: Float64Array,
  w: Float64Array,
  x: Float32Array,
  c: number,
  columns: number,
): void {
  const count = sums.length;
  const at = (k: number): number => (c + Math.min(k, columns - 1)) * count;
  const by = (k: number): number => (k < columns ? w[c + k]! : 0);
  const [i, j, k, l] = [at(0), at(1), at(2), at(3)];
  const [p, q, s, t] = [by(0), by(1), by(2), by(3)];
  for (let r = 0; r < count; r++) {
    sums[r] = sums[r]! + p * x[i + r]! + q * x[j + r]! + s * x[k + r]! + t * x[l + r]!;
  }
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
  { columns, covariance }: Moments,
  weight: number,
): ErrorCost & { factor: Float64Array } {
  const factor = inverseFactor(covariance, columns, DAMPING);
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
): WeightMatrix {
  const { rows, columns } = weights;
  const data = Float64Array.from(weights.data);
  const gradient = new Float64Array(columns);
  for (let o = 0; o < rows; o++) {
    const change = changes.subarray(o * count, (o + 1) * count);
    const average = change.reduce((a, b) => a + b, 0) / count;
    for (let c = 0; c < columns; c += 2) {
      const i = c * count;
      const j = c + 1 < columns ? i + count : i;
      let a = 0;
      let b = 0;
      for (let r = 0; r < count; r++) {
        const y = change[r]!;
        a += y * x[i + r]!;
        b += y * x[j + r]!;
      }
      gradient[c] = a / count - average * mean[c]!;
      if (c + 1 < columns) gradient[c + 1] = b / count - average * mean[c + 1]!;
    }
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
