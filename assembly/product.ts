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

/**
 * R rows x 8 outputs, R at most 4, accumulators in locals.
 *
 * Engines schedule a block's loads before its arithmetic: 4 rows are what then fits 16 registers. The
 * test between two pairs keeps them in blocks of their own.
 */
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
): void {
  const half = i32x4.splat(shift > 0 ? 1 << (shift - 1) : 0);
  const b0 = i32x4.add(v128.load(bias), half);
  const b1 = i32x4.add(v128.load(bias, 16), half);
  let a00 = b0, a01 = b1;
  let a10 = b0, a11 = b1;
  let a20 = b0, a21 = b1;
  let a30 = b0, a31 = b1;
  let w = weights;
  for (const last = segments + (<usize>count << 2); segments < last; segments += 4) {
    let p0: usize = load<u32>(segments) + offset;
    let p1: usize = p0 + stride;
    let p2: usize = p1 + stride;
    let p3: usize = p2 + stride;
    const end = p0 + (<usize>length << 1);
    while (p0 < end) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const x0 = v128.load32_splat(p0);
      a00 = i32x4.add(a00, i32x4.dot_i16x8_s(w0, x0));
      a01 = i32x4.add(a01, i32x4.dot_i16x8_s(w1, x0));
      if (R > 1) {
        const x1 = v128.load32_splat(p1);
        a10 = i32x4.add(a10, i32x4.dot_i16x8_s(w0, x1));
        a11 = i32x4.add(a11, i32x4.dot_i16x8_s(w1, x1));
      }
      if (R > 2) {
        const x2 = v128.load32_splat(p2);
        a20 = i32x4.add(a20, i32x4.dot_i16x8_s(w0, x2));
        a21 = i32x4.add(a21, i32x4.dot_i16x8_s(w1, x2));
      }
      if (R > 3) {
        const x3 = v128.load32_splat(p3);
        a30 = i32x4.add(a30, i32x4.dot_i16x8_s(w0, x3));
        a31 = i32x4.add(a31, i32x4.dot_i16x8_s(w1, x3));
      }
      if (p0 + 4 == end) {
        w += 32;
        break;
      }
      const v0 = v128.load(w, 32);
      const v1 = v128.load(w, 48);
      const y0 = v128.load32_splat(p0, 4);
      a00 = i32x4.add(a00, i32x4.dot_i16x8_s(v0, y0));
      a01 = i32x4.add(a01, i32x4.dot_i16x8_s(v1, y0));
      if (R > 1) {
        const y1 = v128.load32_splat(p1, 4);
        a10 = i32x4.add(a10, i32x4.dot_i16x8_s(v0, y1));
        a11 = i32x4.add(a11, i32x4.dot_i16x8_s(v1, y1));
      }
      if (R > 2) {
        const y2 = v128.load32_splat(p2, 4);
        a20 = i32x4.add(a20, i32x4.dot_i16x8_s(v0, y2));
        a21 = i32x4.add(a21, i32x4.dot_i16x8_s(v1, y2));
      }
      if (R > 3) {
        const y3 = v128.load32_splat(p3, 4);
        a30 = i32x4.add(a30, i32x4.dot_i16x8_s(v0, y3));
        a31 = i32x4.add(a31, i32x4.dot_i16x8_s(v1, y3));
      }
      w += 64;
      p0 += 8;
      if (R > 1) p1 += 8;
      if (R > 2) p2 += 8;
      if (R > 3) p3 += 8;
    }
  }
  storeLanes(dst, lanes, narrow(a00, a01, shift, low, high));
  if (R > 1) storeLanes(dst + dstStride, lanes, narrow(a10, a11, shift, low, high));
  if (R > 2) storeLanes(dst + 2 * dstStride, lanes, narrow(a20, a21, shift, low, high));
  if (R > 3) storeLanes(dst + 3 * dstStride, lanes, narrow(a30, a31, shift, low, high));
}

/** Accumulators that already hold the rounding half, to clamped i16. */
// @ts-ignore: decorator
@inline
export function narrow(a: v128, b: v128, shift: i32, low: v128, high: v128): v128 {
  const x = i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift));
  return i16x8.max_s(i16x8.min_s(x, high), low);
}

/** Two weights in one i64: times x, it is two products in one. */
// @ts-ignore: decorator
@inline
function twin(low: usize, high: usize): i64 {
  return <i64>load<i16>(low) + ((<i64>load<i16>(high)) << 32);
}

/** Two accumulators in one i64, the first with its sign borrowed from the second, to i16. */
// @ts-ignore: decorator
@inline
function storeTwin(dst: usize, lanes: i32, sum: i64, shift: i32, low: i32, high: i32): void {
  const first = <i32>sum;
  const second = <i32>((sum - <i64>first) >> 32);
  store<i16>(dst, max(min(first >> shift, high), low));
  if (lanes > 1) store<i16>(dst, max(min(second >> shift, high), low), 2);
}

/**
 * R rows x 4 outputs without SIMD: two outputs in each i64, whose sums do not wrap (the models'
 * promise, docs/format.md, section 7.1).
 */
// @ts-ignore: decorator
@inline
function tileScalar(
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
  low: i32,
  high: i32,
): void {
  const half = <i64>(shift > 0 ? 1 << (shift - 1) : 0) * 0x100000001;
  const b0 = <i64>load<i32>(bias) + (<i64>load<i32>(bias, 4) << 32) + half;
  const b1 = <i64>load<i32>(bias, 8) + (<i64>load<i32>(bias, 12) << 32) + half;
  let a00 = b0, a01 = b1;
  let a10 = b0, a11 = b1;
  let a20 = b0, a21 = b1;
  let w = weights;
  for (const last = segments + (<usize>count << 2); segments < last; segments += 4) {
    let p0: usize = load<u32>(segments) + offset;
    let p1: usize = p0 + stride;
    let p2: usize = p1 + stride;
    for (const end = p0 + (<usize>length << 1); p0 < end; ) {
      const w0 = twin(w, w + 4);
      const w1 = twin(w + 8, w + 12);
      const x0 = <i64>load<i16>(p0);
      a00 += w0 * x0;
      a01 += w1 * x0;
      if (R > 1) {
        const x1 = <i64>load<i16>(p1);
        a10 += w0 * x1;
        a11 += w1 * x1;
      }
      if (R > 2) {
        const x2 = <i64>load<i16>(p2);
        a20 += w0 * x2;
        a21 += w1 * x2;
      }
      const v0 = twin(w + 2, w + 6);
      const v1 = twin(w + 10, w + 14);
      const y0 = <i64>load<i16>(p0, 2);
      a00 += v0 * y0;
      a01 += v1 * y0;
      p0 += 4;
      if (R > 1) {
        const y1 = <i64>load<i16>(p1, 2);
        a10 += v0 * y1;
        a11 += v1 * y1;
        p1 += 4;
      }
      if (R > 2) {
        const y2 = <i64>load<i16>(p2, 2);
        a20 += v0 * y2;
        a21 += v1 * y2;
        p2 += 4;
      }
      w += 32;
    }
  }
  storeTwin(dst, lanes, a00, shift, low, high);
  if (lanes > 2) storeTwin(dst + 4, lanes - 2, a01, shift, low, high);
  if (R > 1) {
    const d = dst + dstStride;
    storeTwin(d, lanes, a10, shift, low, high);
    if (lanes > 2) storeTwin(d + 4, lanes - 2, a11, shift, low, high);
  }
  if (R > 2) {
    const d = dst + 2 * dstStride;
    storeTwin(d, lanes, a20, shift, low, high);
    if (lanes > 2) storeTwin(d + 4, lanes - 2, a21, shift, low, high);
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
      for (; r >= 4; r -= 4) {
        tile(4, segments, count, length, offset, stride, weights, bias, lanes, d, dstStride, shift, lo, hi);
        offset += 4 * stride;
        d += 4 * dstStride;
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
      for (let q = 0; q < lanes; q += 4) {
        const w = weights + (<usize>q << 2);
        const b = bias + (<usize>q << 2);
        let e = d + (<usize>q << 1);
        let r = rows;
        offset = 0;
        for (; r >= 3; r -= 3) {
          tileScalar(3, segments, count, length, offset, stride, w, b, lanes - q, e, dstStride, shift, low, high);
          offset += 3 * stride;
          e += 3 * dstStride;
        }
        for (; r > 0; r--) {
          tileScalar(1, segments, count, length, offset, stride, w, b, lanes - q, e, dstStride, shift, low, high);
          offset += stride;
          e += dstStride;
        }
      }
    }
    weights += blockBytes;
    bias += 32;
  }
}
