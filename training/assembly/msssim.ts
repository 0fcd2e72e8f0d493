/**
 * MS-SSIM of one channel with its gradient, plane by plane, so that all scales of a plane stay in
 * the cache. As separate tensor operations it would be some 300 passes over memory.
 */
import { blurRow, REACH } from './blur';

const SCALES = 5;
const C1: f32 = 0.0001;
const C2: f32 = 0.0009;

/** Bytes between rows of a plane `width` wide: room for the filter's reach and whole vectors. */
// @ts-ignore: decorator
@inline
function strideOf(width: i32): usize {
  return <usize>((width + REACH + 11) & ~3) << 2;
}

/** Bytes of a plane with the zeros around it that the transposed filter reads. */
// @ts-ignore: decorator
@inline
function planeOf(width: i32, height: i32): usize {
  return strideOf(width) * <usize>(height + REACH + 1);
}

/** Bytes of scratch that `msssimChannel` needs. */
export function msssimScratch(width: i32, height: i32): usize {
  let bytes = 2 * planeOf(width, height) + 16 * strideOf(width);
  for (let scale = 0; scale < SCALES; scale++) {
    bytes += 6 * planeOf(width, height);
    width = (width + 1) >> 1;
    height = (height + 1) >> 1;
  }
  return bytes;
}

/** All ones in the lanes whose column is below `columns`. */
// @ts-ignore: decorator
@inline
function inside(x: i32, columns: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(x), i32x4(0, 1, 2, 3)), i32x4.splat(columns));
}

/** Mean of 2 x 2 pixels; an odd side is padded with zeros at its start. */
function halve(from: usize, width: i32, height: i32, to: usize): void {
  const w = (width + 1) >> 1;
  const h = (height + 1) >> 1;
  const stride = strideOf(width);
  const oddX = width & 1;
  const oddY = height & 1;
  for (let y = 0; y < h; y++) {
    const low = from + <usize>(2 * y - oddY + 1) * stride;
    const high = low - stride;
    const out = to + <usize>y * strideOf(w);
    for (let x = 0; x < w; x++) {
      const at = <usize>(2 * x - oddX + 1) << 2;
      let sum = load<f32>(low + at);
      if (x > 0 || !oddX) sum += load<f32>(low + at - 4);
      if (y > 0 || !oddY) {
        sum += load<f32>(high + at);
        if (x > 0 || !oddX) sum += load<f32>(high + at - 4);
      }
      store<f32>(out + (<usize>x << 2), sum * 0.25);
    }
  }
}

/**
 * Sum over one scale of contrast-structure (times luminance on the last), and the derivatives of
 * each of its values to the filtered a, a^2 + b^2 and ab, in planes with zeros around them.
 */
function similarity(
  a: usize,
  b: usize,
  width: i32,
  height: i32,
  last: bool,
  taps: usize,
  squares: usize,
  products: usize,
  rows: usize,
  slopes: usize,
): f64 {
  const stride = strideOf(width);
  const plane = planeOf(width, height);
  for (let y = 0; y < height; y++) {
    const from = <usize>y * stride;
    for (let x: usize = 0; x < <usize>width << 2; x += 16) {
      const u = v128.load(a + from + x);
      const v = v128.load(b + from + x);
      const squared = f32x4.add(f32x4.mul(u, u), f32x4.mul(v, v));
      v128.store(squares + from + x, squared);
      v128.store(products + from + x, f32x4.mul(u, v));
    }
  }
  memory.fill(slopes, 0, 3 * plane);
  const columns = width - REACH;
  const rowA = rows + stride;
  const rowB = rowA + stride;
  const rowS = rowB + stride;
  const rowP = rowS + stride;
  const c1 = f32x4.splat(C1);
  const c2 = f32x4.splat(C2);
  const two = f32x4.splat(2);
  let total: f64 = 0;
  for (let y = 0; y < height - REACH; y++) {
    const from = <usize>y * stride;
    blurRow(a + from, stride, columns, taps, rows, rowA);
    blurRow(b + from, stride, columns, taps, rows, rowB);
    blurRow(squares + from, stride, columns, taps, rows, rowS);
    blurRow(products + from, stride, columns, taps, rows, rowP);
    const to = slopes + <usize>(y + REACH) * stride + (REACH << 2);
    let sum = f32x4.splat(0);
    for (let x = 0; x < columns; x += 4) {
      const at = <usize>x << 2;
      const ma = v128.load(rowA + at);
      const mb = v128.load(rowB + at);
      const both = f32x4.mul(ma, mb);
      const means = f32x4.add(f32x4.mul(ma, ma), f32x4.mul(mb, mb));
      const covariance = f32x4.sub(v128.load(rowP + at), both);
      const variances = f32x4.sub(v128.load(rowS + at), means);
      const inverse = f32x4.div(f32x4.splat(1), f32x4.add(variances, c2));
      const cs = f32x4.mul(f32x4.add(f32x4.mul(two, covariance), c2), inverse);
      let value = cs;
      let toProduct = f32x4.mul(two, inverse);
      let toMean = f32x4.mul(toProduct, f32x4.sub(f32x4.mul(ma, cs), mb));
      let toSquares = f32x4.neg(f32x4.mul(cs, inverse));
      if (last) {
        const under = f32x4.div(f32x4.splat(1), f32x4.add(means, c1));
        const l = f32x4.mul(f32x4.add(f32x4.mul(two, both), c1), under);
        const slope = f32x4.mul(f32x4.mul(two, under), f32x4.sub(mb, f32x4.mul(l, ma)));
        value = f32x4.mul(cs, l);
        toMean = f32x4.add(f32x4.mul(toMean, l), f32x4.mul(cs, slope));
        toSquares = f32x4.mul(toSquares, l);
        toProduct = f32x4.mul(toProduct, l);
      }
      const mask = inside(x, columns);
      sum = f32x4.add(sum, v128.and(value, mask));
      v128.store(to + at, v128.and(toMean, mask));
      v128.store(to + plane + at, v128.and(toSquares, mask));
      v128.store(to + 2 * plane + at, v128.and(toProduct, mask));
    }
    total += <f64>f32x4.extract_lane(sum, 0) + <f64>f32x4.extract_lane(sum, 1);
    total += <f64>f32x4.extract_lane(sum, 2) + <f64>f32x4.extract_lane(sum, 3);
  }
  return total;
}

/** Gradient of one scale to its a: `factor` times what its slopes give, and the coarser scale's. */
function gradientOf(
  a: usize,
  b: usize,
  width: i32,
  height: i32,
  factor: f32,
  taps: usize,
  rows: usize,
  slopes: usize,
  coarser: usize,
  to: usize,
): void {
  const stride = strideOf(width);
  const plane = planeOf(width, height);
  const rowM = rows + stride;
  const rowS = rowM + stride;
  const rowP = rowS + stride;
  const rowC = rowP + stride;
  const scale = f32x4.splat(factor);
  const coarserStride = strideOf((width + 1) >> 1);
  memory.fill(rowC, 0, stride);
  for (let y = 0; y < height; y++) {
    const from = <usize>y * stride;
    blurRow(slopes + from, stride, width, taps, rows, rowM);
    blurRow(slopes + plane + from, stride, width, taps, rows, rowS);
    blurRow(slopes + 2 * plane + from, stride, width, taps, rows, rowP);
    if (coarser) {
      const line = coarser + <usize>((y + (height & 1)) >> 1) * coarserStride;
      for (let x = 0; x < width; x++) {
        const quarter: f32 = load<f32>(line + (<usize>((x + (width & 1)) >> 1) << 2)) * 0.25;
        store<f32>(rowC + (<usize>x << 2), quarter);
      }
    }
    for (let x: usize = 0; x < <usize>width << 2; x += 16) {
      const u = v128.load(a + from + x);
      const v = v128.load(b + from + x);
      let sum = f32x4.mul(f32x4.add(u, u), v128.load(rowS + x));
      sum = f32x4.add(sum, f32x4.mul(v, v128.load(rowP + x)));
      sum = f32x4.mul(scale, f32x4.add(sum, v128.load(rowM + x)));
      v128.store(to + from + x, f32x4.add(sum, v128.load(rowC + x)));
    }
  }
}

/**
 * Means of all scales of one channel, and then, with their factors, the gradient.
 *
 * First call (`factors` = 0): a, b are f32 [height][width][3] on [0, 1]; reads channel `channel` and
 * writes the five scales' means, f64, to `means`. Second call on the same scratch: `factors` f32 [5]
 * is what one unit of each scale's sum counts for; writes the channel of the gradient to a, f32
 * [height][width][3].
 *
 * @param taps f32 [6], half of the window and its middle.
 * @param scratch `msssimScratch(width, height)` bytes, a multiple of 16.
 */
export function msssimMeans(
  a: usize,
  b: usize,
  channel: i32,
  width: i32,
  height: i32,
  taps: usize,
  scratch: usize,
  means: usize,
): void {
  const shared = scratch;
  let plane = planeOf(width, height);
  const squares = shared;
  const products = squares + plane;
  const rows = products + plane;
  let at = rows + 16 * strideOf(width);
  for (let y = 0; y < height; y++) {
    const row = <usize>y * strideOf(width);
    for (let x = 0; x < width; x++) {
      const from = <usize>((y * width + x) * 3 + channel) << 2;
      const to = at + row + (<usize>x << 2);
      store<f32>(to, load<f32>(a + from));
      store<f32>(to + plane, load<f32>(b + from));
    }
  }
  for (let scale = 0; scale < SCALES; scale++) {
    plane = planeOf(width, height);
    const sum = similarity(
      at,
      at + plane,
      width,
      height,
      scale == SCALES - 1,
      taps,
      squares,
      products,
      rows,
      at + 2 * plane,
    );
    const count = <f64>((width - REACH) * (height - REACH));
    store<f64>(means + (<usize>scale << 3), sum / count);
    const next = at + 6 * plane;
    if (scale + 1 < SCALES) {
      const w = (width + 1) >> 1;
      const h = (height + 1) >> 1;
      halve(at, width, height, next);
      halve(at + plane, width, height, next + planeOf(w, h));
      width = w;
      height = h;
    }
    at = next;
  }
}

/**
 * After `msssimMeans` on the same scratch: writes the channel of the gradient to a, f32
 * [height][width][3].
 *
 * @param factors f32 [5], the derivative of the result to the sum over each scale.
 */
export function msssimGradient(
  channel: i32,
  width: i32,
  height: i32,
  taps: usize,
  scratch: usize,
  factors: usize,
  gradient: usize,
): void {
  const rows = scratch + 2 * planeOf(width, height);
  const first = rows + 16 * strideOf(width);
  let coarser: usize = 0;
  for (let scale = SCALES - 1; scale >= 0; scale--) {
    let w = width;
    let h = height;
    let at = first;
    for (let i = 0; i < scale; i++) {
      at += 6 * planeOf(w, h);
      w = (w + 1) >> 1;
      h = (h + 1) >> 1;
    }
    const plane = planeOf(w, h);
    const factor = load<f32>(factors + (<usize>scale << 2));
    const to = at + 5 * plane;
    gradientOf(at, at + plane, w, h, factor, taps, rows, at + 2 * plane, coarser, to);
    coarser = to;
  }
  const stride = strideOf(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = <usize>((y * width + x) * 3 + channel) << 2;
      store<f32>(gradient + to, load<f32>(coarser + <usize>y * stride + (<usize>x << 2)));
    }
  }
}
