import type { Rng } from '../rng.ts';
import { codeLengths } from './histogram.ts';

/**
 * What a bit is worth in squared distance: the slope of a fine uniform quantizer of step 1, whose
 * error of 1/12 falls to a quarter with every bit.
 */
const PRICE = Math.LN2 / 6;
const ITERATIONS = 24;
/** How far beyond the outermost vectors centers go that nothing needs, so that they take no part. */
const BEYOND = 1.5;

/**
 * Entropy-constrained vector quantization (Chou, Lookabaugh, Gray 1989): centers that make squared
 * distance + PRICE * bits small over vectors [N * d], by turns of assignment, means and code
 * lengths. Where vectors are dense few centers stay, each cheap, instead of many that cost alike.
 *
 * @returns Centers [L * d]. Those that no vector chose move to the vectors that are worst served in the
 * first half of the turns, and beyond the outermost vectors at the end.
 */
export function entropyConstrainedCenters(
  vectors: Float32Array,
  dimension: number,
  count: number,
  rng: Rng,
): Float32Array {
  const n = vectors.length / dimension;
  const centers = new Float32Array(count * dimension);
  for (let k = 0; k < count; k++) {
    const at = rng.below(n) * dimension;
    centers.set(vectors.subarray(at, at + dimension), k * dimension);
  }
  let bits = new Float32Array(count);
  let members = new Int32Array(count);
  for (let turn = 0; turn < ITERATIONS; turn++) {
    const { chosen, distances } = assign(vectors, dimension, centers, bits);
    members = moveToMeans(vectors, dimension, centers, chosen);
    bits = codeLengths(chosen, count) as typeof bits;
    if (turn < ITERATIONS / 2) reseed(vectors, dimension, centers, members, distances);
  }
  const outer = vectors.map((v) => BEYOND * v);
  reseed(outer, dimension, centers, members, squaredNorms(vectors, dimension));
  return centers;
}

/** The cheapest center of every vector [N], of so many bits each [L], and its squared distance [N]. */
export function assign(
  vectors: Float32Array,
  d: number,
  centers: Float32Array,
  bits: Float32Array,
) {
  const n = vectors.length / d;
  const chosen = new Int32Array(n);
  const distances = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < bits.length; k++) {
      let distance = 0;
      for (let j = 0; j < d; j++) distance += (vectors[i * d + j] - centers[k * d + j]) ** 2;
      const cost = distance + PRICE * bits[k];
      if (cost < least) {
        least = cost;
        chosen[i] = k;
        distances[i] = distance;
      }
    }
  }
  return { chosen, distances };
}

/** Moves every center that was chosen to the mean of its vectors; how many those are, [L]. */
function moveToMeans(vectors: Float32Array, d: number, centers: Float32Array, chosen: Int32Array) {
  const sums = new Float64Array(centers.length);
  const members = new Int32Array(centers.length / d);
  chosen.forEach((k, i) => {
    members[k]++;
    for (let j = 0; j < d; j++) sums[k * d + j] += vectors[i * d + j];
  });
  members.forEach((m, k) => {
    for (let j = 0; m > 0 && j < d; j++) centers[k * d + j] = sums[k * d + j] / m;
  });
  return members;
}

/** Squared lengths, [N]. */
function squaredNorms(vectors: Float32Array, d: number): Float32Array {
  const norms = new Float32Array(vectors.length / d);
  vectors.forEach((v, i) => {
    norms[Math.floor(i / d)] += v * v;
  });
  return norms;
}

/** Moves the centers without members to the vectors of the largest distances. */
function reseed(
  vectors: Float32Array,
  d: number,
  centers: Float32Array,
  members: Int32Array,
  distances: Float32Array,
): void {
  const farthest = Array.from(distances.keys()).sort((a, b) => distances[b] - distances[a]);
  let next = 0;
  members.forEach((m, k) => {
    if (m > 0 || next === farthest.length) return;
    const at = farthest[next++] * d;
    centers.set(vectors.subarray(at, at + d), k * d);
  });
}
