import { type Tensor, type Tensor1D, tf } from '../tf.ts';

/** Added to every probability, so that a symbol far out costs a finite number of bits. */
export const FLOOR = 1e-6;

/** A share of the soft assignment below this one counts as zero. */
const NEGLIGIBLE = 1e-5;

export interface QuantizerOptions {
  /** Sharpness of the soft assignment, 1 / units of z squared; Infinity is the hard one. */
  sigma: number;
  /** What goes forward: the nearest center, or the mean under the soft assignment. */
  forward: 'hard' | 'soft';
}

/** The nearest center k of every z and phi over the centers k - 1, k, k + 1 (three a z). */
export interface Assignment {
  nearest: Int32Array;
  phi: Float64Array;
}

/**
 * Soft assignment phi = softmax(-sigma (z - c_j)^2) over the nearest center and its two
 * neighbours (Agustsson et al. 2017, equation 3). Neighbours beyond the ends get phi = 0.
 */
export function assign(z: Float32Array, c: Float32Array, sigma: number): Assignment {
  const n = z.length;
  const last = c.length - 1;
  const nearest = new Int32Array(n);
  const phi = new Float64Array(3 * n);
  const middle = midpoints(c);
  for (let i = 0; i < n; i++) {
    const x = z[i];
    let low = 0;
    let high = last;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (x > middle[mid]) low = mid + 1;
      else high = mid;
    }
    nearest[i] = low;
    if (sigma === Number.POSITIVE_INFINITY) {
      phi[3 * i + 1] = 1;
      continue;
    }
    const near = (x - c[low]) ** 2;
    const share = (k: number) => {
      const e = Math.exp(-sigma * ((x - c[k]) ** 2 - near));
      return e < NEGLIGIBLE ? 0 : e;
    };
    const below = low > 0 ? share(low - 1) : 0;
    const above = low < last ? share(low + 1) : 0;
    const total = 1 + below + above;
    phi[3 * i] = below / total;
    phi[3 * i + 1] = 1 / total;
    phi[3 * i + 2] = above / total;
  }
  return { nearest, phi };
}

function midpoints(c: Float32Array): Float64Array {
  return Float64Array.from({ length: c.length - 1 }, (_, k) => 0.5 * (c[k] + c[k + 1]));
}

/**
 * Quantized z, [n] -> [n]: the nearest center, or sum phi c. The gradient is that of the sum in
 * both cases, to z and to the centers. With the hard assignment it passes straight through to z.
 */
export function quantize(
  z: Tensor1D,
  centers: Tensor1D,
  { nearest, phi }: Assignment,
  { sigma, forward }: QuantizerOptions,
): Tensor1D {
  const op = tf.customGrad((...inputs) => {
    const x = (inputs[0] as Tensor).dataSync() as Float32Array;
    const c = (inputs[1] as Tensor).dataSync() as Float32Array;
    const n = x.length;
    const value = new Float32Array(n);
    const softOf = (i: number) => {
      const k = nearest[i];
      let soft = phi[3 * i + 1] * c[k];
      if (k > 0) soft += phi[3 * i] * c[k - 1];
      if (k + 1 < c.length) soft += phi[3 * i + 2] * c[k + 1];
      return soft;
    };
    for (let i = 0; i < n; i++) value[i] = forward === 'hard' ? c[nearest[i]] : softOf(i);
    const gradFunc = (dy: Tensor | Tensor[]) => {
      const g = (dy as Tensor).dataSync() as Float32Array;
      if (sigma === Number.POSITIVE_INFINITY) {
        const dc = new Float32Array(c.length);
        for (let i = 0; i < n; i++) dc[nearest[i]] += g[i];
        return [dy as Tensor, tf.tensor1d(dc)];
      }
      const dz = new Float32Array(n);
      const dc = new Float64Array(c.length);
      for (let i = 0; i < n; i++) {
        const soft = softOf(i);
        let slope = 0;
        for (let j = 0; j < 3; j++) {
          const p = phi[3 * i + j];
          if (p === 0) continue;
          const at = nearest[i] - 1 + j;
          const d = 2 * sigma * (x[i] - c[at]) * p * (c[at] - soft);
          slope -= d;
          dc[at] += g[i] * (p + d);
        }
        dz[i] = g[i] * slope;
      }
      return [tf.tensor1d(dz), tf.tensor1d(Float32Array.from(dc))];
    };
    return { value: tf.tensor1d(value), gradFunc };
  });
  return op(z, centers) as Tensor1D;
}

/** Partial derivatives kept for each z: to z, mean, log-scale and five centers. */
const PARTIALS = 8;

/**
 * Bits of every z under the soft assignment, [n] each -> [n]: sum phi_j * -log2 P(cell j), where
 * P is the mass of a logistic distribution between the midpoints around center j, taken in the
 * nearer tail. Gradients flow to z (through phi), mean, log-scale and centers (through phi and
 * through the midpoints).
 *
 * One pass in double precision computes the bits and all partial derivatives: as separate tensor
 * operations it would be about a hundred passes over memory.
 */
export function softBits(
  z: Tensor1D,
  mean: Tensor1D,
  logScale: Tensor1D,
  centers: Tensor1D,
  assignment: Assignment,
  sigma: number,
): Tensor1D {
  const op = tf.customGrad((...inputs) => {
    // The last argument is the function that saves tensors.
    const [x, m, s, c] = inputs.slice(0, 4).map((t) => (t as Tensor).dataSync() as Float32Array);
    const { bits, partials } = bitsAndPartials(x, m, s, c, assignment, sigma);
    const gradFunc = (dy: Tensor | Tensor[]) => {
      const g = (dy as Tensor).dataSync() as Float32Array;
      const n = g.length;
      const dz = new Float32Array(n);
      const dm = new Float32Array(n);
      const ds = new Float32Array(n);
      // Two more on each side: center k - 2 of the first and k + 2 of the last do not exist.
      const dc = new Float64Array(c.length + 4);
      for (let i = 0; i < n; i++) {
        const p = i * PARTIALS;
        dz[i] = g[i] * partials[p];
        dm[i] = g[i] * partials[p + 1];
        ds[i] = g[i] * partials[p + 2];
        for (let j = 0; j < 5; j++) dc[assignment.nearest[i] + j] += g[i] * partials[p + 3 + j];
      }
      const inside = Float32Array.from(dc.subarray(2, 2 + c.length));
      return [tf.tensor1d(dz), tf.tensor1d(dm), tf.tensor1d(ds), tf.tensor1d(inside)];
    };
    return { value: tf.tensor1d(bits), gradFunc };
  });
  return op(z, mean, logScale, centers) as Tensor1D;
}

function bitsAndPartials(
  z: Float32Array,
  mean: Float32Array,
  logScale: Float32Array,
  c: Float32Array,
  { nearest, phi }: Assignment,
  sigma: number,
) {
  const n = z.length;
  const count = c.length;
  const bits = new Float32Array(n);
  const partials = new Float32Array(n * PARTIALS);
  const middle = midpoints(c);
  const cost = new Float64Array(3);
  // At the four boundaries around the three cells: the CDF from below and from above, its
  // density, and the argument. A boundary beyond the ends is infinitely far.
  const below = new Float64Array(4);
  const above = new Float64Array(4);
  const density = new Float64Array(4);
  const at = new Float64Array(4);

  for (let i = 0; i < n; i++) {
    const k = nearest[i];
    const inverse = Math.exp(-logScale[i]);
    // The outer boundaries only matter where a neighbour has a share.
    const from = phi[3 * i] === 0 ? 1 : 0;
    const to = phi[3 * i + 2] === 0 ? 2 : 3;
    for (let j = from; j <= to; j++) {
      const b = k - 2 + j;
      if (b < 0 || b >= count - 1) {
        below[j] = b < 0 ? 0 : 1;
        above[j] = b < 0 ? 1 : 0;
        density[j] = 0;
        at[j] = b < 0 ? -1e30 : 1e30;
        continue;
      }
      const t = (middle[b] - mean[i]) * inverse;
      const e = Math.exp(-Math.abs(t));
      const tail = e / (1 + e);
      below[j] = t < 0 ? tail : 1 - tail;
      above[j] = t < 0 ? 1 - tail : tail;
      density[j] = tail / (1 + e);
      at[j] = t;
    }
    const p = i * PARTIALS;
    let rate = 0;
    for (let j = 0; j < 3; j++) {
      const weight = phi[3 * i + j];
      if (weight === 0) continue;
      const left = at[j] + at[j + 1] < 0;
      const mass = (left ? below[j + 1] - below[j] : above[j] - above[j + 1]) + FLOOR;
      cost[j] = -Math.log(mass) / Math.LN2;
      rate += weight * cost[j];
      const slope = -weight / (mass * Math.LN2);
      const dl = slope * density[j];
      const du = slope * density[j + 1];
      partials[p + 1] -= (du - dl) * inverse;
      partials[p + 2] -= du * at[j + 1] - dl * at[j];
      // Cell j lies between (c[j-1] + c[j]) / 2 and (c[j] + c[j+1]) / 2.
      const halfLower = 0.5 * dl * inverse;
      const halfUpper = 0.5 * du * inverse;
      partials[p + 3 + j] -= halfLower;
      partials[p + 4 + j] += halfUpper - halfLower;
      partials[p + 5 + j] += halfUpper;
    }
    bits[i] = rate;
    if (sigma === Number.POSITIVE_INFINITY) continue;
    for (let j = 0; j < 3; j++) {
      const weight = phi[3 * i + j];
      if (weight === 0) continue;
      const d = 2 * sigma * (z[i] - c[k - 1 + j]) * weight * (cost[j] - rate);
      partials[p] -= d;
      partials[p + 4 + j] += d;
    }
  }
  return { bits, partials };
}
