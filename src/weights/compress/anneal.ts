import type { Centers } from './codebook.js';
import { exp2, log2 } from './math.js';

/** Vectors that centers are learned for. */
export interface Samples {
  readonly count: number;
  /** [count][dimensions] */
  readonly values: Float64Array;
  /** [count]: what a squared error of one costs. */
  readonly importance: Float64Array;
}

/** Temperatures from soft to hard: sigma doubles from step to step. */
const STEPS = 6;
/** Sigma at the start, where costs are in units of the price of a bit. */
const FIRST = 0.5;
/** Where a center's soft assignment is smaller than this it stays where it is. */
const EMPTY = 1e-9;

/**
 * Learns centers by soft-to-hard annealing (Agustsson et al. 2017, equations 3 to 6): the soft
 * assignment of a value to center j is the softmax over -sigma * J_j with
 *
 *   J_j = importance * |value - c_j|^2 + lambda * -log2(p_j)
 *
 * so that rate counts as it does in the hard assignment that follows (the entropy-constrained
 * quantizer of Chou, Lookabaugh and Gray 1989 is the limit of large sigma). Centers and the
 * probabilities p_j are re-fitted in turn to their soft members while sigma doubles. The center at
 * the origin stays there: zeros are what the coder's contexts live on.
 *
 * @param lambda Price of a bit in units of the error.
 * @returns The centers, in order, and the last cost of each in bits.
 */
export function annealCenters(
  start: Centers,
  { count, values, importance }: Samples,
  lambda: number,
): { centers: Centers; bits: Float64Array } {
  const { dimensions: d, count: size, zero } = start;
  const points = Float64Array.from(start.points);
  const bits = new Float64Array(size).fill(log2(size));
  const cost = new Float64Array(size);
  let sigma = FIRST;
  for (let step = 0; step < STEPS; step++, sigma *= 2) {
    const mass = new Float64Array(size);
    const weight = new Float64Array(size);
    const sums = new Float64Array(size * d);
    for (let n = 0; n < count; n++) {
      const h = importance[n]!;
      let least = Infinity;
      for (let j = 0; j < size; j++) {
        let error = 0;
        for (let k = 0; k < d; k++) {
          const e = values[n * d + k]! - points[j * d + k]!;
          error += e * e;
        }
        cost[j] = (h * error) / lambda + bits[j]!;
        if (cost[j]! < least) least = cost[j]!;
      }
      let total = 0;
      for (let j = 0; j < size; j++) {
        const x = sigma * (cost[j]! - least);
        // Below 2^-30 a share moves nothing.
        cost[j] = x > 30 ? 0 : exp2(-x);
        total += cost[j]!;
      }
      for (let j = 0; j < size; j++) {
        const share = cost[j]! / total;
        if (share === 0) continue;
        mass[j] = mass[j]! + share;
        weight[j] = weight[j]! + share * h;
        for (let k = 0; k < d; k++) {
          sums[j * d + k] = sums[j * d + k]! + share * h * values[n * d + k]!;
        }
      }
    }
    for (let j = 0; j < size; j++) {
      bits[j] = -log2((mass[j]! + EMPTY + 0.1) / (count + 0.1 * size));
      if (j === zero || weight[j]! <= EMPTY) continue;
      for (let k = 0; k < d; k++) points[j * d + k] = sums[j * d + k]! / weight[j]!;
    }
  }
  return sorted({ ...start, points }, bits);
}

/** Scalars back in rising order: a center with few members may have passed one with none. */
function sorted(centers: Centers, bits: Float64Array): { centers: Centers; bits: Float64Array } {
  const { dimensions, points, zero } = centers;
  if (dimensions !== 1) return { centers, bits };
  const order = [...points.keys()].sort((a, b) => points[a]! - points[b]!);
  return {
    centers: {
      ...centers,
      points: Float64Array.from(order, (j) => points[j]!),
      zero: order.indexOf(zero),
    },
    bits: Float64Array.from(order, (j) => bits[j]!),
  };
}
