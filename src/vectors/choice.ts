import { costOf } from '../entropy/cost.js';
import { applyGain } from '../entropy/distribution.js';
import { COUNT_BITS, VECTOR_MAX } from '../format/constants.js';
import type { Tensor } from '../reference/tensor.js';
import { padLength } from '../runtime/pack.js';
import type { VectorQuantizer } from './quantizer.js';

/**
 * Nearest centers: the kernel `assignVectors`, or the reference of it.
 *
 * @param vectors [count][length], length even, within +-VECTOR_MAX.
 * @param centers [L][length]
 * @returns [count]
 */
export type Assign = (vectors: Int16Array, centers: Int16Array, length: number) => Uint16Array;

/**
 * Elements of a vector as it is assigned: those of the codebook, and one in which centers differ by
 * what they cost: squared distance + price * bits is the squared distance in it.
 */
export function assignedLength(dimension: number): number {
  return padLength(dimension + 1);
}

/** The vectors of a symbol at all positions of a tile, [positions][length], zero in the last ones. */
function gather(
  { dimension, gains, symbols: n }: VectorQuantizer,
  { channels, data }: Tensor,
  s: number,
  length: number,
): Int16Array {
  const out = new Int16Array((data.length / channels) * length);
  const gain = gains[s]!;
  for (let from = s, to = 0; from < data.length; from += channels, to += length) {
    for (let i = 0; i < dimension; i++) {
      const z = applyGain(data[from + i * n]!, gain);
      out[to + i] = Math.min(Math.max(z, -VECTOR_MAX), VECTOR_MAX);
    }
  }
  return out;
}

/** Cost of every symbol where a histogram begins, [L], units of 2^-8 bit. */
function costs({ size, start }: VectorQuantizer, s: number): Int32Array {
  const out = new Int32Array(size);
  const first = s * (size - 1);
  const add = (low: number, high: number, cost: number): void => {
    if (high - low === 1) {
      out[low] = cost;
      return;
    }
    const middle = (low + high) >> 1;
    const one = (start[first + middle - 1]! >> 2) | 1;
    add(low, middle, cost + costOf(2 ** COUNT_BITS - one));
    add(middle, high, cost + costOf(one));
  };
  add(0, size, 0);
  return out;
}

/** Centers with a last element of sqrt(price * cost). */
function pricedCenters(
  { centers, dimension, size }: VectorQuantizer,
  length: number,
  price: number,
  cost: Int32Array,
): Int16Array {
  const out = new Int16Array(size * length);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < dimension; i++) out[k * length + i] = centers[k * dimension + i]!;
    const element = Math.floor(Math.sqrt((price * cost[k]!) / 256));
    out[k * length + dimension] = Math.min(element, VECTOR_MAX);
  }
  return out;
}

/** Sum of squared distances of vectors to their centers. */
function errorOf(
  vectors: Int16Array,
  centers: Int16Array,
  symbols: Uint16Array,
  length: number,
): number {
  let sum = 0;
  for (let i = 0; i < vectors.length; i++) {
    const at = Math.floor(i / length);
    sum += (vectors[i]! - centers[symbols[at]! * length + (i % length)]!) ** 2;
  }
  return sum;
}

/**
 * Chooses the symbols of a tile: the nearest centers, or entropy-constrained (Chou, Lookabaugh and
 * Gray 1989): those of least squared distance + price * bits, the price being a part of the mean
 * squared distance that the nearest ones have.
 *
 * @param latent The tile's part of the latent y.
 * @param share That part of the mean squared distance of a vector, units of 2^-8 a bit; 0: nearest.
 * @returns [positions][n]; yields the part that is done, 0..1.
 */
export function* chooseVectors(
  quantizer: VectorQuantizer,
  latent: Tensor,
  share: number,
  assign: Assign,
): Generator<number, Uint16Array> {
  const { dimension, symbols: n } = quantizer;
  const positions = latent.width * latent.height;
  const length = assignedLength(dimension);
  const out = new Uint16Array(positions * n);
  const put = (symbols: Uint16Array, s: number) => {
    for (let at = s, i = 0; i < positions; at += n, i++) out[at] = symbols[i]!;
  };
  const passes = share > 0 ? 2 : 1;
  const free = pricedCenters(quantizer, length, 0, new Int32Array(quantizer.size));
  let error = 0;
  for (let s = 0; s < n; s++) {
    const vectors = gather(quantizer, latent, s, length);
    const symbols = assign(vectors, free, length);
    error += errorOf(vectors, free, symbols, length);
    put(symbols, s);
    yield s / (n * passes);
  }
  const price = Math.floor((error * share) / (256 * positions * n));
  if (price === 0) return out;
  for (let s = 0; s < n; s++) {
    const centers = pricedCenters(quantizer, length, price, costs(quantizer, s));
    put(assign(gather(quantizer, latent, s, length), centers, length), s);
    yield (n + s) / (n * passes);
  }
  return out;
}
