import type { Centers } from './codebook.js';
import { log2 } from './math.js';

/** Classes of magnitude in the neighbourhood. */
const CLASSES = 7;
/** Weight of the neighbours' sum that each class ends at, in units of the first center's distance. */
const EDGES = [0.5, 1.5, 2.5, 4.5, 7.5, 12.5];
/** Counts that the whole tensor's distribution adds to each class. */
const PRIOR = 12;

/**
 * What an index costs in a class of its neighbourhood: an estimate of the adaptive coder's costs,
 * whose contexts also are magnitudes nearby. Counted on one pass of assignment, used in the next.
 */
export class Rates {
  readonly #counts: Float64Array;
  readonly #bits: Float64Array;
  readonly #size: number;

  /** @param bits [centers]: costs before anything has been counted. */
  constructor(bits: Float64Array) {
    this.#size = bits.length;
    this.#counts = new Float64Array(CLASSES * bits.length);
    this.#bits = new Float64Array(CLASSES * bits.length);
    for (let c = 0; c < CLASSES; c++) this.#bits.set(bits, c * bits.length);
  }

  /** Bits of an index. */
  cost(cls: number, index: number): number {
    return this.#bits[cls * this.#size + index]!;
  }

  count(cls: number, index: number): void {
    this.#counts[cls * this.#size + index] = this.#counts[cls * this.#size + index]! + 1;
  }

  /** Costs from what has been counted; the counts start anew. */
  update(): void {
    const size = this.#size;
    const whole = new Float64Array(size).fill(0.05);
    for (let i = 0; i < this.#counts.length; i++)
      whole[i % size] = whole[i % size]! + this.#counts[i]!;
    const all = sum(whole);
    for (let c = 0; c < CLASSES; c++) {
      const own = this.#counts.subarray(c * size, (c + 1) * size);
      const total = log2(sum(own) + PRIOR);
      for (let j = 0; j < size; j++) {
        this.#bits[c * size + j] = total - log2(own[j]! + (PRIOR * whole[j]!) / all);
      }
    }
    this.#counts.fill(0);
  }
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Magnitudes of centers in units of the smallest that is not zero; scalars and vectors alike. */
export function magnitudes({ points, dimensions: d, count, zero }: Centers): Float64Array {
  const out = new Float64Array(count);
  let unit = Infinity;
  for (let j = 0; j < count; j++) {
    let square = 0;
    for (let k = 0; k < d; k++) square += points[j * d + k]! ** 2;
    out[j] = Math.sqrt(square);
    if (j !== zero) unit = Math.min(unit, out[j]!);
  }
  return out.map((m) => m / unit);
}

/** The class of a position whose neighbours' weighted magnitudes sum up to this. */
export function classOf(near: number): number {
  let cls = 0;
  while (cls < CLASSES - 1 && near > EDGES[cls]!) cls++;
  return cls;
}
