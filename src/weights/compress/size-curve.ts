import { exp2, log2 } from './math.js';
import type { WeightMatrix } from './matrix.js';
import type { Plan, PlannedLayer } from './plan.js';
import { PriceSearch } from './price.js';
import { geometricMean, quantizeMatrix, STEP_LEAST, stepFor } from './quantize.js';

/** Weights of a layer that its bits are foretold from, about. */
const SAMPLE = 4096;
/** Octaves of the size that a price may be off by. */
const PRECISION = 0.002;
const TRIES = 10;
/** Logarithms of prices at which every weight is as fine as it gets, and at which every weight is zero. */
const LOWEST = -60;
const HIGHEST = 20;
/** A higher price would change no file. */
export const PRICE_MOST = 2 ** HIGHEST;

/** Some of a layer's rows, evenly spread. */
function sampleRows({ rows, columns, data }: WeightMatrix): WeightMatrix {
  const count = Math.min(rows, Math.ceil(SAMPLE / columns));
  const out = new Float64Array(count * columns);
  for (let r = 0; r < count; r++) {
    const from = Math.floor(((r + 0.5) * rows) / count) * columns;
    out.set(data.subarray(from, from + columns), r * columns);
  }
  return { rows: count, columns, data: out };
}

/**
 * How the bits of a network's weights fall as the price of a bit rises, foretold without running the
 * network: a sample of each layer on a uniform grid, no error made up for. A pass over the network
 * takes a hundred times longer, and its size follows the same curve but for a factor.
 */
export class SizeCurve {
  readonly #layers: readonly { planned: PlannedLayer; sample: WeightMatrix; share: number }[];
  /** Logarithm of the last price that was asked for. */
  #price: number | undefined;

  constructor(plan: Plan) {
    this.#layers = [...plan.layers.values()].map((planned) => {
      const sample = sampleRows(planned.weights);
      return { planned, sample, share: planned.weights.rows / sample.rows };
    });
  }

  /** The price of a bit at which the weights have so many bits, about; PRICE_MOST for too few. */
  priceOf(bits: number): number {
    const search = new PriceSearch(this.#price ?? this.#guess(bits));
    const wanted = log2(bits);
    for (let i = 0; i < TRIES; i++) {
      const size = log2(this.#bits(exp2(search.price)) + 1);
      if (Math.abs(size - wanted) < PRECISION || !search.next(size, wanted)) break;
      search.price = Math.max(LOWEST, Math.min(HIGHEST, search.price));
    }
    this.#price = search.price;
    return exp2(search.price);
  }

  #bits(price: number): number {
    const settings = { dimensions: 1, learned: false } as const;
    return this.#layers.reduce((bits, { planned: { importance }, sample, share }) => {
      return bits + share * quantizeMatrix(sample, { importance }, price, settings).bits;
    }, 0);
  }

  /**
   * By bisection over the entropy of Laplacian weights at the steps that a price makes:
   * log2(2 e b / step) at high rates, b the mean magnitude, bent so that it ends at zero.
   */
  #guess(wanted: number): number {
    const spreads = this.#layers.map(({ planned: { importance, weights }, sample: { data } }) => ({
      count: weights.data.length,
      magnitude: data.reduce((sum, w) => sum + Math.abs(w), 0) / data.length,
      importance: geometricMean(importance),
    }));
    let low = LOWEST;
    let high = HIGHEST;
    while (high - low > 0.1) {
      const middle = (low + high) / 2;
      let bits = 0;
      for (const { count, magnitude, importance } of spreads) {
        const step = Math.max(stepFor(exp2(middle), importance), STEP_LEAST);
        const x = (2 * Math.E * magnitude) / step;
        bits += (count / 2) * log2(1 + x * x);
      }
      if (bits > wanted) low = middle;
      else high = middle;
    }
    return high;
  }
}
