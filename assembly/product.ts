/**
 * The matrix product of every dense layer: i16 times i16 into wrapping i32, rounded shift, saturation
 * and clamp (docs/format.md, section 7.1). Integer addition is associative, so the tiling is free to
 * differ between builds: the bits do not.
 *
 * Weights come from `packWeights` in src/runtime/pack.ts: for each block of 8 outputs, for each
 * pair of inputs over all segments in turn, 8 outputs x 2 inputs as i16.
 */

/** Stores the first `lanes` (1..8) of 8 i16, and nothing beyond them. */
// @ts-ignore: decorator
@inline
export function storeLanes(dst: usize, lanes: i32, x: v128): void {
  if (lanes >= 8) {
    v128.store(dst, x);
    return;
  }
  let rest = x;
  if (lanes & 4) {
    v128.store64_lane(dst, rest, 0);
    rest = i64x2.shuffle(rest, rest, 1, 1);
    dst += 8;
  }
  if (lanes & 2) {
    v128.store32_lane(dst, rest, 0);
    rest = i64x2.shr_u(rest, 32);
    dst += 4;
  }
  if (lanes & 1) v128.store16_lane(dst, rest, 0);
}

/** R rows x 8 outputs, accumulators in locals. Returns the address after the block's weights. */
// @ts-ignore: decorator
@inline
function tile(
  R: i32,
  segments: usize,
  count: i32,
  length: i32,
  offset: i32,
  stride: i32,
  weights: usize,
  bias: usize,
  lanes: i32,
  dst: usize,
  dstStride: i32,
  shift: i32,
  low: v128,
  high: v128,
): usize {
  const half = i32x4.splat(shift > 0 ? 1 << (shift - 1) : 0);
  const b0 = i32x4.add(v128.load(bias), half);
  const b1 = i32x4.add(v128.load(bias, 16), half);
  let a00 = b0, a01 = b1;
  let a10 = b0, a11 = b1;
  let a20 = b0, a21 = b1;
  let a30 = b0, a31 = b1;
  let a40 = b0, a41 = b1;
  let a50 = b0, a51 = b1;
  let w = weights;
  for (const last = segments + (<usize>count << 2); segments < last; segments += 4) {
    let p0: usize = load<u32>(segments) + offset;
    let p1: usize = p0 + stride;
    let p2: usize = p1 + stride;
    let p3: usize = p2 + stride;
    let p4: usize = p3 + stride;
    let p5: usize = p4 + stride;
    const end = p0 + (<usize>length << 1);
    while (p0 < end) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      w += 32;
      const x0 = v128.load32_splat(p0);
      a00 = i32x4.add(a00, i32x4.dot_i16x8_s(w0, x0));
      a01 = i32x4.add(a01, i32x4.dot_i16x8_s(w1, x0));
      p0 += 4;
      if (R > 1) {
        const x1 = v128.load32_splat(p1);
        a10 = i32x4.add(a10, i32x4.dot_i16x8_s(w0, x1));
        a11 = i32x4.add(a11, i32x4.dot_i16x8_s(w1, x1));
        p1 += 4;
      }
      if (R > 2) {
        const x2 = v128.load32_splat(p2);
        a20 = i32x4.add(a20, i32x4.dot_i16x8_s(w0, x2));
        a21 = i32x4.add(a21, i32x4.dot_i16x8_s(w1, x2));
        p2 += 4;
      }
      if (R > 3) {
        const x3 = v128.load32_splat(p3);
        a30 = i32x4.add(a30, i32x4.dot_i16x8_s(w0, x3));
        a31 = i32x4.add(a31, i32x4.dot_i16x8_s(w1, x3));
        p3 += 4;
      }
      if (R > 4) {
        const x4 = v128.load32_splat(p4);
        a40 = i32x4.add(a40, i32x4.dot_i16x8_s(w0, x4));
        a41 = i32x4.add(a41, i32x4.dot_i16x8_s(w1, x4));
        p4 += 4;
      }
      if (R > 5) {
        const x5 = v128.load32_splat(p5);
        a50 = i32x4.add(a50, i32x4.dot_i16x8_s(w0, x5));
        a51 = i32x4.add(a51, i32x4.dot_i16x8_s(w1, x5));
        p5 += 4;
      }
    }
  }
  storeLanes(dst, lanes, narrow(a00, a01, shift, low, high));
  if (R > 1) storeLanes(dst + dstStride, lanes, narrow(a10, a11, shift, low, high));
  if (R > 2) storeLanes(dst + 2 * dstStride, lanes, narrow(a20, a21, shift, low, high));
  if (R > 3) storeLanes(dst + 3 * dstStride, lanes, narrow(a30, a31, shift, low, high));
  if (R > 4) storeLanes(dst + 4 * dstStride, lanes, narrow(a40, a41, shift, low, high));
  if (R > 5) storeLanes(dst + 5 * dstStride, lanes, narrow(a50, a51, shift, low, high));
  return w;
}

/** Accumulators that already hold the rounding half, to clamped i16. */
// @ts-ignore: decorator
@inline
export function narrow(a: v128, b: v128, shift: i32, low: v128, high: v128): v128 {
  const x = i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift));
  return i16x8.max_s(i16x8.min_s(x, high), low);
}

// @ts-ignore: decorator
@inline
function narrowScalar(acc: i32, shift: i32, low: i32, high: i32): i32 {
  return max(min(acc >> shift, high), low);
}

/** One row x up to 8 outputs without SIMD, four outputs at a time. */
function tileScalar(
  segments: usize,
  count: i32,
  length: i32,
  offset: i32,
  weights: usize,
  bias: usize,
  lanes: i32,
  dst: usize,
  shift: i32,
  low: i32,
  high: i32,
): void {
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  const last = segments + (<usize>count << 2);
  for (let o = 0; o < lanes; o += 4) {
    let a0 = load<i32>(bias) + half;
    let a1 = load<i32>(bias, 4) + half;
    let a2 = load<i32>(bias, 8) + half;
    let a3 = load<i32>(bias, 12) + half;
    let w = weights;
    for (let s = segments; s < last; s += 4) {
      let p: usize = load<u32>(s) + offset;
      for (const end = p + (<usize>length << 1); p < end; p += 4) {
        const x = <i32>load<i16>(p);
        const y = <i32>load<i16>(p, 2);
        a0 += <i32>load<i16>(w) * x + <i32>load<i16>(w, 2) * y;
        a1 += <i32>load<i16>(w, 4) * x + <i32>load<i16>(w, 6) * y;
        a2 += <i32>load<i16>(w, 8) * x + <i32>load<i16>(w, 10) * y;
        a3 += <i32>load<i16>(w, 12) * x + <i32>load<i16>(w, 14) * y;
        w += 32;
      }
    }
    store<i16>(dst, narrowScalar(a0, shift, low, high));
    if (o + 1 < lanes) store<i16>(dst, narrowScalar(a1, shift, low, high), 2);
    if (o + 2 < lanes) store<i16>(dst, narrowScalar(a2, shift, low, high), 4);
    if (o + 3 < lanes) store<i16>(dst, narrowScalar(a3, shift, low, high), 6);
    weights += 16;
    bias += 16;
    dst += 8;
  }
}

/**
 * dst[r][o] = clamp(sat16(descale(bias[o] + sum over segments of weights * x, shift)), low, high).
 *
 * @param segments Address of `count` u32: the address of row 0's input in each segment.
 * @param length i16 elements a segment, even.
 * @param stride Bytes from a row's input to the next row's, of any sign.
 * @param bias Address of i32, as many as there are packed outputs (a multiple of 8).
 * @param outputs Outputs stored a row; exactly so many are written.
 * @param dstStride Bytes from a row's output to the next row's, of any sign.
 * @param low, high Within i16.
 */
export function product(
  segments: usize,
  count: i32,
  length: i32,
  stride: i32,
  rows: i32,
  weights: usize,
  bias: usize,
  outputs: i32,
  dst: usize,
  dstStride: i32,
  shift: i32,
  low: i32,
  high: i32,
): void {
  const blockBytes = <usize>(count * length) << 4;
  for (let o = 0; o < outputs; o += 8) {
    const lanes = min(outputs - o, 8);
    let d = dst + (<usize>o << 1);
    let offset = 0;
    if (ASC_FEATURE_SIMD) {
      const lo = i16x8.splat(<i16>low);
      const hi = i16x8.splat(<i16>high);
      let r = rows;
      for (; r >= 6; r -= 6) {
        tile(6, segments, count, length, offset, stride, weights, bias, lanes, d, dstStride, shift, lo, hi);
        offset += 6 * stride;
        d += 6 * dstStride;
      }
      if (r >= 4) {
        tile(4, segments, count, length, offset, stride, weights, bias, lanes, d, dstStride, shift, lo, hi);
        offset += 4 * stride;
        d += 4 * dstStride;
        r -= 4;
      }
      if (r >= 2) {
        tile(2, segments, count, length, offset, stride, weights, bias, lanes, d, dstStride, shift, lo, hi);
        offset += 2 * stride;
        d += 2 * dstStride;
        r -= 2;
      }
      if (r > 0) {
        tile(1, segments, count, length, offset, stride, weights, bias, lanes, d, dstStride, shift, lo, hi);
      }
    } else {
      for (let r = 0; r < rows; r++) {
        tileScalar(segments, count, length, offset, weights, bias, lanes, d, shift, low, high);
        offset += stride;
        d += dstStride;
      }
    }
    weights += blockBytes;
    bias += 32;
  }
}
