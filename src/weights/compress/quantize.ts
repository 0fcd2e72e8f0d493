import { annealCenters, type Samples } from './anneal.js';
import { type Assignment, assign, CenterFit, type ErrorCost } from './assign.js';
import { type Centers, shortStep, triangularLattice, uniformScalars } from './codebook.js';
import { exp2, log2, rootMeanSquare } from './math.js';
import type { WeightMatrix } from './matrix.js';
import { magnitudes, Rates } from './rates.js';
import { roundMatrix } from './round.js';

export interface QuantizerSettings {
  /** Scalars of a center: 1, or 2 for the weights of two neighbouring outputs. */
  readonly dimensions: 1 | 2;
  /** Whether centers are learned for each tensor by annealing, or stay on a grid. Vectors learn. */
  readonly learned: boolean;
}

export interface QuantizedMatrix extends Assignment {
  /** Absent where indices are multiples of the unit themselves. */
  readonly centers?: Centers;
  /** Unit of the centers: they are integer multiples of it. */
  readonly unit: number;
}

/**
 * Step over square root of (price of a bit over importance). The high-rate optimum of an
 * entropy-constrained quantizer is sqrt(6 / ln 2) = 2.9; choice by rate widens the cell at zero and
 * wants a finer grid.
 */
const STEP = 2.8;
/** Of the step: fewer would make sizes jump as the price changes. */
const STEP_BITS = 7;
/** Units of a learned center's grid in a step: a power of two. */
export const UNITS = 8;
/**
 * Deviation of a tensor's weights, in steps, up to which scalars are learned. A Laplacian's entropy is
 * 1.9 bits there, from where on an entropy-constrained quantizer is all but uniform.
 */
const LEARNED_DEVIATION = 1;
/** Most centers on each side of zero, and most vectors along a radius. */
const REACH = 511;
/** Steps that the largest weight may be away from zero, for centers to have costs of their own. */
const WIDEST = 490;
/** Steps that it may be away at all. */
const FINEST = 2 ** 23;
const RADIUS = 7;
/** Steps are no shorter, so that they and their units are floats; weights as small are as good as zero. */
export const STEP_LEAST = 1e-30 / WIDEST;
/** Values that centers are learned on, at most. */
const SAMPLES = 4096;
const PASSES = 2;

/** Steps are no longer, so that half as much more is a float. */
const STEP_MOST = 2 ** 127;

/** The step at which a step more or less costs what it brings. */
export function stepFor(lambda: number, importance: number): number {
  return Math.min(STEP_MOST, Math.fround(STEP * Math.sqrt(lambda / importance)));
}

/**
 * Quantizes a layer's weights: centers, then assignment and centers in turn, each knowing the other's
 * last result.
 *
 * @param cost In units that `lambda` prices a bit in.
 */
export function quantizeMatrix(
  weights: WeightMatrix,
  cost: ErrorCost,
  lambda: number,
  settings: QuantizerSettings,
): QuantizedMatrix {
  const most = weights.data.reduce((m, w) => Math.max(m, Math.abs(w)), 0);
  const wanted = Math.max(stepFor(lambda, geometricMean(cost.importance)), STEP_LEAST);
  const step = shortStep(Math.max(wanted, most / FINEST), STEP_BITS);
  if (most > WIDEST * wanted) return { ...roundMatrix(weights, cost, step), unit: step };
  // Of many scalars an even grid is as good as learned ones, and it costs the file nothing.
  const learned =
    settings.dimensions === 2 ||
    (settings.learned && rootMeanSquare(weights.data) <= LEARNED_DEVIATION * step);
  const unit = learned ? step / UNITS : step;
  const start = startCenters(most, step, settings.dimensions);
  const annealed = learned
    ? annealCenters(start, samplesOf(weights, cost, settings.dimensions), lambda)
    : { centers: start, bits: magnitudes(start).map((m) => m + (m === 0 ? 0.5 : 1.5)) };
  let centers = learned ? onGrid(annealed.centers, unit) : start;
  const rates = new Rates(annealed.bits);
  let result: Assignment | undefined;
  for (let pass = 0; pass < PASSES; pass++) {
    if (pass > 0) rates.update();
    const last = pass === PASSES - 1;
    const fit = learned && !last ? new CenterFit(centers) : undefined;
    result = assign(weights, cost, centers, lambda, rates, fit);
    if (fit) centers = onGrid(fit.centersFitted(), unit);
  }
  return { ...result!, centers, unit };
}

export function geometricMean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += log2(value);
  return exp2(sum / values.length);
}

function startCenters(most: number, step: number, dimensions: 1 | 2): Centers {
  if (dimensions === 1) return uniformScalars(step, Math.min(REACH, Math.ceil(most / step) + 1));
  return triangularLattice(step, Math.min(RADIUS * step, most * Math.SQRT2 + step));
}

/** Evenly spread weights, or pairs of them from neighbouring rows. */
function samplesOf(
  { rows, columns, data }: WeightMatrix,
  { importance }: ErrorCost,
  d: number,
): Samples {
  const groups = Math.floor(rows / d);
  const total = groups * columns;
  const count = Math.min(SAMPLES, total);
  const values = new Float64Array(count * d);
  const own = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const at = Math.floor(((n + 0.5) * total) / count);
    const column = at % columns;
    own[n] = importance[column]!;
    for (let k = 0; k < d; k++) {
      values[n * d + k] = data[(Math.floor(at / columns) * d + k) * columns + column]!;
    }
  }
  return { count, values, importance: own };
}

/** Centers on multiples of the unit; scalars stay distinct and in order. */
function onGrid(centers: Centers, unit: number): Centers {
  const points = centers.points.map((point) => Math.round(point / unit));
  if (centers.dimensions === 1) {
    for (let j = centers.zero + 1; j < points.length; j++) {
      points[j] = Math.max(points[j]!, points[j - 1]! + 1);
    }
    for (let j = centers.zero - 1; j >= 0; j--) {
      points[j] = Math.min(points[j]!, points[j + 1]! - 1);
    }
  }
  return { ...centers, points: points.map((point) => point * unit) };
}
