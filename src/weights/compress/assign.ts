import { type Centers, nearestScalar } from './codebook.js';
import type { WeightMatrix } from './matrix.js';
import { classOf, magnitudes, type Rates } from './rates.js';

/** What errors in a layer's weights cost. */
export interface ErrorCost {
  /** [columns]: the cost of a squared error of one, once later columns have made up for it. */
  readonly importance: Float64Array;
  /**
   * [columns][columns]: `inverseFactor` of the inputs' covariance; absent where nothing is known
   * about the inputs, and then no column makes up for another.
   */
  readonly factor?: Float64Array;
}

export interface Assignment {
  /** [ceil(rows / d)][columns]: indices of centers. */
  readonly indices: Int32Array;
  /** [rows][columns] of the values that the indices stand for. */
  readonly values: Float64Array;
  /** The layer's output error: the sum over columns of importance * squared error. */
  readonly distortion: number;
  /** By the rates used. */
  readonly bits: number;
}

/**
 * Chooses a center for each weight, or for the weights of d consecutive outputs at each input, by
 * error and rate: J = importance * squared error + lambda * bits. Columns are visited in order, and
 * the error made in each is spread over those to come, so that the layer's output changes least
 * (optimal brain surgeon; Frantar et al. 2023). The rows of a vector share their inputs, so that
 * vectors need nothing more.
 *
 * @param rates Costs to use; what is chosen is counted there.
 * @param fit Takes what each center was chosen for, the weights with earlier errors spread in.
 */
export function assign(
  weights: WeightMatrix,
  { importance, factor }: ErrorCost,
  centers: Centers,
  lambda: number,
  rates: Rates,
  fit?: CenterFit,
): Assignment {
  const { rows, columns } = weights;
  const d = centers.dimensions;
  const groups = Math.ceil(rows / d);
  const rest = new Float64Array(groups * d * columns);
  rest.set(weights.data);
  const indices = new Int32Array(groups * columns);
  const values = new Float64Array(groups * d * columns);
  const size = magnitudes(centers);
  const target = new Float64Array(d);
  let distortion = 0;
  let bits = 0;
  for (let g = 0; g < groups; g++) {
    for (let c = 0; c < columns; c++) {
      const at = g * columns + c;
      const near =
        (c > 0 ? size[indices[at - 1]!]! : 0) +
        (c > 1 ? size[indices[at - 2]!]! : 0) +
        (g > 0 ? size[indices[at - columns]!]! : 0);
      const cls = classOf(near);
      for (let k = 0; k < d; k++) target[k] = rest[(g * d + k) * columns + c]!;
      const h = importance[c]!;
      const index =
        d === 1
          ? chooseScalar(centers, target[0]!, h, lambda, rates, cls)
          : chooseVector(centers, target, h, lambda, rates, cls);
      indices[at] = index;
      rates.count(cls, index);
      fit?.add(index, target, h);
      bits += rates.cost(cls, index);
      for (let k = 0; k < d; k++) {
        const row = (g * d + k) * columns;
        const value = centers.points[index * d + k]!;
        values[row + c] = value;
        const error = target[k]! - value;
        distortion += h * error * error;
        if (factor && error !== 0) spread(rest, row, factor, columns, c, error);
      }
    }
  }
  return { indices, values: values.subarray(0, rows * columns), distortion, bits };
}

/** Makes up for an error in column c as well as the columns after it can. */
export function spread(
  rest: Float64Array,
  row: number,
  factor: Float64Array,
  columns: number,
  c: number,
  error: number,
): void {
  const from = c * columns;
  const scale = error / factor[from + c]!;
  for (let k = c + 1; k < columns; k++) rest[row + k] = rest[row + k]! - scale * factor[from + k]!;
}

function chooseScalar(
  centers: Centers,
  x: number,
  importance: number,
  lambda: number,
  rates: Rates,
  cls: number,
): number {
  const { points, zero } = centers;
  const nearest = nearestScalar(centers, x);
  let best = nearest;
  let least = Infinity;
  const consider = (index: number): void => {
    const error = x - points[index]!;
    const j = importance * error * error + lambda * rates.cost(cls, index);
    if (j < least) {
      least = j;
      best = index;
    }
  };
  consider(nearest);
  // Errors make all but the nearest, its neighbour towards zero, and zero too dear.
  if (nearest !== zero) {
    const inner = nearest + (nearest > zero ? -1 : 1);
    consider(inner);
    if (inner !== zero) consider(zero);
  }
  return best;
}

function chooseVector(
  { points, dimensions: d, count }: Centers,
  x: Float64Array,
  importance: number,
  lambda: number,
  rates: Rates,
  cls: number,
): number {
  let best = 0;
  let least = Infinity;
  for (let j = 0; j < count; j++) {
    let error = 0;
    for (let k = 0; k < d; k++) {
      const e = x[k]! - points[j * d + k]!;
      error += e * e;
    }
    const cost = importance * error + lambda * rates.cost(cls, j);
    if (cost < least) {
      least = cost;
      best = j;
    }
  }
  return best;
}

/** Gathers the mean of what each center was chosen for. */
export class CenterFit {
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(private readonly centers: Centers) {
    this.#sums = new Float64Array(centers.points.length);
    this.#weights = new Float64Array(centers.count);
  }

  add(index: number, value: Float64Array, importance: number): void {
    const d = this.centers.dimensions;
    this.#weights[index] = this.#weights[index]! + importance;
    for (let k = 0; k < d; k++) {
      this.#sums[index * d + k] = this.#sums[index * d + k]! + importance * value[k]!;
    }
  }

  /** The centers moved to the means; the origin stays, and so does what was never chosen. */
  centersFitted(): Centers {
    const { dimensions: d, points, zero } = this.centers;
    const moved = Float64Array.from(points, (point, i) => {
      const j = Math.floor(i / d);
      const weight = this.#weights[j]!;
      return j === zero || weight === 0 ? point : this.#sums[i]! / weight;
    });
    return { ...this.centers, points: moved };
  }
}
