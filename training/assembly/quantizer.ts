/**
 * Soft assignment to scalar centers, and the soft entropy, with their derivatives; the formulas are
 * those of src/quantizer/scalar.ts. Counts are multiples of 4; planes follow each other, f32 [count].
 *
 * `centers` points at the first of L centers; one more on each side, far away, stands for those that
 * do not exist. `boundaries` points at the first of L - 1 midpoints, with two more on each side.
 */
import { exp4, log4 } from './math';

/** Added to every probability, so that a symbol far out costs a finite number of bits. */
const FLOOR: f32 = 1e-6;
/** A share of the soft assignment below this one counts as zero. */
const NEGLIGIBLE: f32 = 1e-5;
const LOG2E: f32 = 1.4426950408889634;

/** Four numbers of a table, at the indices in `k` plus `shift`. */
// @ts-ignore: decorator
@inline
function gather(table: usize, k: v128, shift: i32): v128 {
  const at = table + (shift << 2);
  let v = f32x4.splat(load<f32>(at + (i32x4.extract_lane(k, 0) << 2)));
  v = f32x4.replace_lane(v, 1, load<f32>(at + (i32x4.extract_lane(k, 1) << 2)));
  v = f32x4.replace_lane(v, 2, load<f32>(at + (i32x4.extract_lane(k, 2) << 2)));
  return f32x4.replace_lane(v, 3, load<f32>(at + (i32x4.extract_lane(k, 3) << 2)));
}

/** Zero in the lanes below `NEGLIGIBLE`. */
// @ts-ignore: decorator
@inline
function keep(share: v128): v128 {
  return v128.and(share, f32x4.ge(share, f32x4.splat(NEGLIGIBLE)));
}

/**
 * @param nearest i32 [count], written.
 * @param phi Three planes, written: the shares of the center below, the nearest, the one above.
 * @param sigma 0 for the hard assignment.
 */
export function assign(
  z: usize,
  count: i32,
  centers: usize,
  boundaries: usize,
  boundaryCount: i32,
  sigma: f32,
  nearest: usize,
  phi: usize,
): void {
  const plane = <usize>count << 2;
  const end = boundaries + (<usize>boundaryCount << 2);
  const s = f32x4.splat(-sigma);
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < plane; at += 16) {
    const x = v128.load(z + at);
    let k = i32x4.splat(0);
    for (let b = boundaries; b < end; b += 4) k = i32x4.sub(k, f32x4.gt(x, v128.load32_splat(b)));
    v128.store(nearest + at, k);
    if (sigma == 0) {
      v128.store(phi + at, f32x4.splat(0));
      v128.store(phi + plane + at, one);
      v128.store(phi + 2 * plane + at, f32x4.splat(0));
      continue;
    }
    const c = gather(centers, k, 0);
    const twice = f32x4.add(x, x);
    // (x - o)^2 - (x - c)^2 = (c - o) (2x - c - o)
    let o = gather(centers, k, -1);
    let d = f32x4.mul(f32x4.sub(c, o), f32x4.sub(twice, f32x4.add(c, o)));
    const below = keep(exp4(f32x4.mul(s, d)));
    o = gather(centers, k, 1);
    d = f32x4.mul(f32x4.sub(c, o), f32x4.sub(twice, f32x4.add(c, o)));
    const above = keep(exp4(f32x4.mul(s, d)));
    const inverse = f32x4.div(one, f32x4.add(one, f32x4.add(below, above)));
    v128.store(phi + at, f32x4.mul(below, inverse));
    v128.store(phi + plane + at, inverse);
    v128.store(phi + 2 * plane + at, f32x4.mul(above, inverse));
  }
}

/**
 * @param soft The mean center under phi, written.
 * @param slopes Four planes, written: the mean's derivatives to z, to the center below, to the
 *   nearest, to the one above.
 */
export function quantize(
  z: usize,
  count: i32,
  centers: usize,
  sigma: f32,
  nearest: usize,
  phi: usize,
  soft: usize,
  slopes: usize,
): void {
  const plane = <usize>count << 2;
  const s = f32x4.splat(2 * sigma);
  for (let at: usize = 0; at < plane; at += 16) {
    const x = v128.load(z + at);
    const k = v128.load(nearest + at);
    let mean = f32x4.splat(0);
    for (let j = 0; j < 3; j++) {
      const share = v128.load(phi + j * plane + at);
      mean = f32x4.add(mean, f32x4.mul(share, gather(centers, k, j - 1)));
    }
    v128.store(soft + at, mean);
    let slope = f32x4.splat(0);
    for (let j = 0; j < 3; j++) {
      const share = v128.load(phi + j * plane + at);
      const c = gather(centers, k, j - 1);
      let d = f32x4.mul(f32x4.mul(s, share), f32x4.mul(f32x4.sub(x, c), f32x4.sub(c, mean)));
      // Of a center far away only the share of zero counts.
      d = v128.and(d, f32x4.ne(share, f32x4.splat(0)));
      slope = f32x4.sub(slope, d);
      v128.store(slopes + (j + 1) * plane + at, f32x4.add(share, d));
    }
    v128.store(slopes + at, slope);
  }
}

/**
 * @param bits sum phi_j * -log2 P(cell j), written.
 * @param slopes Eight planes, written: derivatives of the bits to z, to the mean, to the log-scale
 *   and to the five centers around the nearest.
 */
export function softBits(
  z: usize,
  mean: usize,
  logScale: usize,
  count: i32,
  centers: usize,
  boundaries: usize,
  sigma: f32,
  nearest: usize,
  phi: usize,
  bits: usize,
  slopes: usize,
): void {
  const plane = <usize>count << 2;
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  const s = f32x4.splat(2 * sigma);
  for (let at: usize = 0; at < plane; at += 16) {
    const x = v128.load(z + at);
    const m = v128.load(mean + at);
    const k = v128.load(nearest + at);
    const inverse = exp4(f32x4.neg(v128.load(logScale + at)));
    let rate = zero;
    let toMean = zero;
    let toScale = zero;
    let c0 = zero;
    let c1 = zero;
    let c2 = zero;
    let c3 = zero;
    let c4 = zero;
    let costBelow = zero;
    let costNear = zero;
    let costAbove = zero;
    // The logistic's argument, tail and density at the lower boundary of cell j, then at the upper.
    let t0 = zero;
    let tail0 = zero;
    let density0 = zero;
    for (let j = 0; j < 4; j++) {
      const t = f32x4.mul(f32x4.sub(gather(boundaries, k, j - 2), m), inverse);
      const e = exp4(f32x4.neg(f32x4.abs(t)));
      const rest = f32x4.div(one, f32x4.add(one, e));
      const tail = f32x4.mul(e, rest);
      const density = f32x4.mul(tail, rest);
      if (j > 0) {
        const weight = v128.load(phi + (j - 1) * plane + at);
        // Both boundaries on one side: the difference of tails; else what both tails leave.
        const negative0 = f32x4.lt(t0, zero);
        const negative1 = f32x4.lt(t, zero);
        const across = v128.andnot(negative0, negative1);
        const apart = f32x4.sub(f32x4.sub(one, tail0), tail);
        const difference = f32x4.abs(f32x4.sub(tail, tail0));
        const mass = f32x4.add(v128.bitselect(apart, difference, across), f32x4.splat(FLOOR));
        const cost = f32x4.mul(log4(mass), f32x4.splat(-LOG2E));
        rate = f32x4.add(rate, f32x4.mul(weight, cost));
        const slope = f32x4.div(f32x4.mul(weight, f32x4.splat(-LOG2E)), mass);
        const dl = f32x4.mul(slope, density0);
        const du = f32x4.mul(slope, density);
        toMean = f32x4.sub(toMean, f32x4.mul(f32x4.sub(du, dl), inverse));
        toScale = f32x4.sub(toScale, f32x4.sub(f32x4.mul(du, t), f32x4.mul(dl, t0)));
        // Cell j lies between (c[j-1] + c[j]) / 2 and (c[j] + c[j+1]) / 2.
        const lower = f32x4.mul(f32x4.mul(half, dl), inverse);
        const upper = f32x4.mul(f32x4.mul(half, du), inverse);
        const own = f32x4.sub(upper, lower);
        if (j == 1) {
          costBelow = cost;
          c0 = f32x4.sub(c0, lower);
          c1 = f32x4.add(c1, own);
          c2 = f32x4.add(c2, upper);
        } else if (j == 2) {
          costNear = cost;
          c1 = f32x4.sub(c1, lower);
          c2 = f32x4.add(c2, own);
          c3 = f32x4.add(c3, upper);
        } else {
          costAbove = cost;
          c2 = f32x4.sub(c2, lower);
          c3 = f32x4.add(c3, own);
          c4 = f32x4.add(c4, upper);
        }
      }
      t0 = t;
      tail0 = tail;
      density0 = density;
    }
    v128.store(bits + at, rate);
    // Through the soft assignment.
    let weight = f32x4.mul(s, v128.load(phi + at));
    let cost = f32x4.sub(costBelow, rate);
    const dBelow = f32x4.mul(f32x4.mul(weight, cost), f32x4.sub(x, gather(centers, k, -1)));
    weight = f32x4.mul(s, v128.load(phi + plane + at));
    cost = f32x4.sub(costNear, rate);
    const dNear = f32x4.mul(f32x4.mul(weight, cost), f32x4.sub(x, gather(centers, k, 0)));
    weight = f32x4.mul(s, v128.load(phi + 2 * plane + at));
    cost = f32x4.sub(costAbove, rate);
    const dAbove = f32x4.mul(f32x4.mul(weight, cost), f32x4.sub(x, gather(centers, k, 1)));
    const toZ = f32x4.neg(f32x4.add(f32x4.add(dBelow, dAbove), dNear));
    v128.store(slopes + at, toZ);
    v128.store(slopes + plane + at, toMean);
    v128.store(slopes + 2 * plane + at, toScale);
    v128.store(slopes + 3 * plane + at, c0);
    v128.store(slopes + 4 * plane + at, f32x4.add(c1, dBelow));
    v128.store(slopes + 5 * plane + at, f32x4.add(c2, dNear));
    v128.store(slopes + 6 * plane + at, f32x4.add(c3, dAbove));
    v128.store(slopes + 7 * plane + at, c4);
  }
}

/**
 * Adds gradient * slope to the centers that a slope belongs to.
 *
 * @param slopes `width` planes: those of the centers around the nearest, which is the middle one.
 * @param sums f64 [L + 4], the first for center -2; added to.
 */
export function scatter(
  gradient: usize,
  count: i32,
  nearest: usize,
  slopes: usize,
  width: i32,
  sums: usize,
): void {
  const plane = <usize>count << 2;
  const shift = 2 - (width >> 1);
  for (let at: usize = 0; at < plane; at += 4) {
    const g = load<f32>(gradient + at);
    const to = sums + ((load<i32>(nearest + at) + shift) << 3);
    for (let j = 0; j < width; j++) {
      const cell = to + (j << 3);
      store<f64>(cell, load<f64>(cell) + <f64>(g * load<f32>(slopes + j * plane + at)));
    }
  }
}
