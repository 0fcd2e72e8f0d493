import { Scratch } from '../kernels.ts';
import { type Tensor, type Tensor1D, tf } from '../tf.ts';
import type { QuantizerOptions } from './quantizer.ts';

/** Stands for centers and boundaries beyond the ends: far from every z. */
const FAR = 1e9;

/** Added to every probability, so that a symbol far out costs a finite number of bits. */
export const FLOOR = 1e-6;

/**
 * The nearest center k of every z, and phi over the centers k - 1, k, k + 1: three planes of n,
 * which kernels want to be a multiple of 4 (`count`).
 */
export interface Assignment {
  nearest: Int32Array;
  phi: Float32Array;
  count: number;
}

/** n values with zeros up to a multiple of 4. */
function padded(values: Float32Array): Float32Array {
  if (values.length % 4 === 0) return values;
  const out = new Float32Array((values.length + 3) & ~3);
  out.set(values);
  return out;
}

/** Addresses of the first center and of the first midpoint, with far ones on both sides. */
function tables(scratch: Scratch, c: Float32Array): { centers: number; boundaries: number } {
  const centers = Float32Array.of(-FAR, ...c, FAR);
  const middle = Array.from({ length: c.length - 1 }, (_, k) => 0.5 * (c[k] + c[k + 1]));
  const boundaries = Float32Array.of(-FAR, -FAR, ...middle, FAR, FAR);
  return { centers: scratch.put(centers) + 4, boundaries: scratch.put(boundaries) + 8 };
}

/** The kernels take 0 for the hard assignment: what flows through phi is nothing then. */
function finite(sigma: number): number {
  return sigma === Number.POSITIVE_INFINITY ? 0 : sigma;
}

/**
 * Soft assignment phi = softmax(-sigma (z - c_j)^2) over the nearest center and its two
 * neighbours (Agustsson et al. 2017, equation 3). Neighbours beyond the ends get phi = 0, and so
 * do shares under 1e-5.
 */
export function assign(z: Float32Array, c: Float32Array, sigma: number): Assignment {
  const scratch = new Scratch();
  const values = padded(z);
  const count = values.length;
  const { centers, boundaries } = tables(scratch, c);
  const at = scratch.put(values);
  const nearest = scratch.reserve(4 * count);
  const phi = scratch.reserve(12 * count);
  scratch.kernels.assign(at, count, centers, boundaries, c.length - 1, finite(sigma), nearest, phi);
  return {
    nearest: scratch.integers(nearest, z.length),
    phi: scratch.floats(phi, 3 * count),
    count,
  };
}

/** Sums gradient * slope for every center; `slopes` are the planes of the centers around `nearest`. */
function toCenters(
  gradient: Float32Array,
  { nearest, count }: Assignment,
  slopes: Float32Array,
  centers: number,
): Float32Array {
  const scratch = new Scratch();
  // Two more on each side: center k - 2 of the first and k + 2 of the last do not exist.
  const sums = scratch.put(new Float64Array(centers + 4));
  scratch.kernels.scatter(
    scratch.put(padded(gradient)),
    count,
    scratch.put(nearest),
    scratch.put(slopes),
    slopes.length / count,
    sums,
  );
  return Float32Array.from(scratch.doubles(sums, centers + 4).subarray(2, 2 + centers));
}

/**
 * Quantized z, [n] -> [n]: the nearest center, or sum phi c. The gradient is that of the sum in
 * both cases, to z and to the centers. With the hard assignment it passes straight through to z.
 */
export function quantize(
  z: Tensor1D,
  centers: Tensor1D,
  assignment: Assignment,
  { sigma, forward }: QuantizerOptions,
): Tensor1D {
  const { nearest, phi, count } = assignment;
  const op = tf.customGrad((...inputs) => {
    const x = (inputs[0] as Tensor).dataSync() as Float32Array;
    const c = (inputs[1] as Tensor).dataSync() as Float32Array;
    const n = x.length;
    const scratch = new Scratch();
    const table = tables(scratch, c);
    const soft = scratch.reserve(4 * count);
    const slopes = scratch.reserve(16 * count);
    scratch.kernels.quantize(
      scratch.put(padded(x)),
      count,
      table.centers,
      finite(sigma),
      scratch.put(nearest),
      scratch.put(phi),
      soft,
      slopes,
    );
    const toZ = scratch.floats(slopes, n);
    const around = scratch.floats(slopes + 4 * count, 3 * count);
    const value = forward === 'hard' ? hardValues(c, nearest) : scratch.floats(soft, n);
    const gradFunc = (dy: Tensor | Tensor[]) => {
      const g = dy as Tensor;
      const dc = toCenters(g.dataSync() as Float32Array, assignment, around, c.length);
      const dz = sigma === Number.POSITIVE_INFINITY ? g : tf.mul(g, tf.tensor1d(toZ));
      return [dz, tf.tensor1d(dc)];
    };
    return { value: tf.tensor1d(value), gradFunc };
  });
  return op(z, centers) as Tensor1D;
}

function hardValues(c: Float32Array, nearest: Int32Array): Float32Array {
  const out = new Float32Array(nearest.length);
  for (let i = 0; i < out.length; i++) out[i] = c[nearest[i]];
  return out;
}

/**
 * Bits of every z under the soft assignment, [n] each -> [n]: sum phi_j * -log2 P(cell j), where
 * P is the mass of a logistic distribution between the midpoints around center j, taken in the
 * nearer tail, plus 1e-6. Gradients flow to z (through phi), mean, log-scale and centers (through
 * phi and through the midpoints).
 *
 * One pass computes the bits and all partial derivatives: as separate tensor operations it would
 * be about a hundred passes over memory.
 */
export function softBits(
  z: Tensor1D,
  mean: Tensor1D,
  logScale: Tensor1D,
  centers: Tensor1D,
  assignment: Assignment,
  sigma: number,
): Tensor1D {
  const { nearest, phi, count } = assignment;
  const op = tf.customGrad((...inputs) => {
    // The last argument is the function that saves tensors.
    const [x, m, s, c] = inputs.slice(0, 4).map((t) => (t as Tensor).dataSync() as Float32Array);
    const n = x.length;
    const scratch = new Scratch();
    const table = tables(scratch, c);
    const bits = scratch.reserve(4 * count);
    const slopes = scratch.reserve(32 * count);
    scratch.kernels.softBits(
      scratch.put(padded(x)),
      scratch.put(padded(m)),
      scratch.put(padded(s)),
      count,
      table.centers,
      table.boundaries,
      finite(sigma),
      scratch.put(nearest),
      scratch.put(phi),
      bits,
      slopes,
    );
    const [toZ, toMean, toScale] = [0, 1, 2].map((i) => scratch.floats(slopes + 4 * i * count, n));
    const around = scratch.floats(slopes + 12 * count, 5 * count);
    const gradFunc = (dy: Tensor | Tensor[]) => {
      const g = dy as Tensor;
      const dc = toCenters(g.dataSync() as Float32Array, assignment, around, c.length);
      const times = (slope: Float32Array) => tf.mul(g, tf.tensor1d(slope));
      return [times(toZ), times(toMean), times(toScale), tf.tensor1d(dc)];
    };
    return { value: tf.tensor1d(scratch.floats(bits, n)), gradFunc };
  });
  return op(z, mean, logScale, centers) as Tensor1D;
}

/**
 * Bits of every z under the soft assignment, [n] -> [n]: sum phi_j * price_j, where the price of a
 * center is the same for all z. Gradients flow to z and to the centers through phi.
 *
 * @param price Bits of each center, [L].
 */
export function pricedBits(
  z: Tensor1D,
  centers: Tensor1D,
  { nearest, phi, count }: Assignment,
  price: Float32Array,
  sigma: number,
): Tensor1D {
  const op = tf.customGrad((...inputs) => {
    const [x, c] = inputs.slice(0, 2).map((t) => (t as Tensor).dataSync() as Float32Array);
    const slope = 2 * finite(sigma);
    const bits = new Float32Array(x.length);
    const toZ = new Float32Array(x.length);
    const around = new Float32Array(3 * count);
    for (let i = 0; i < x.length; i++) {
      const k = nearest[i];
      let mean = 0;
      let cost = 0;
      for (let j = 0; j < 3; j++) {
        const share = phi[j * count + i];
        if (share === 0) continue;
        mean += share * c[k + j - 1];
        cost += share * price[k + j - 1];
      }
      bits[i] = cost;
      for (let j = 0; j < 3; j++) {
        const share = phi[j * count + i];
        if (share === 0) continue;
        // d phi_j / dz = 2 sigma phi_j (c_j - mean), and likewise for the centers.
        const change = slope * share * (price[k + j - 1] - cost);
        toZ[i] += change * (c[k + j - 1] - mean);
        around[j * count + i] = change * (x[i] - c[k + j - 1]);
      }
    }
    const gradFunc = (dy: Tensor | Tensor[]) => {
      const g = dy as Tensor;
      const dc = toCenters(g.dataSync() as Float32Array, { nearest, phi, count }, around, c.length);
      return [tf.mul(g, tf.tensor1d(toZ)), tf.tensor1d(dc)];
    };
    return { value: tf.tensor1d(bits), gradFunc };
  });
  return op(z, centers) as Tensor1D;
}
