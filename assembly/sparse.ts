/**
 * The zero-skipping twin of `product` for layers that read the latent: most of its values are zero,
 * and leaving out products with zero does not change an integer sum.
 *
 * A position's list is a u16 count, then that many u16: byte offsets of the pairs of values that are
 * not both zero. Weights come from `packSparse` in src/runtime/pack.ts: for each block of 32
 * outputs, for each pair of inputs over all segments in turn, outputs x 2 inputs.
 */
import { narrow, storeLanes } from './product';

/**
 * Lists the pairs that are not zero, for each of `count` positions.
 *
 * @param values Positions of `pairs` pairs of i16, `stride` bytes apart.
 * @param pairs At most 16384.
 * @param lists Room for 2 + 2 * pairs bytes a position, `listStride` bytes apart.
 * @returns How many pairs are listed in all.
 */
export function listPairs(
  values: usize,
  stride: i32,
  pairs: i32,
  count: i32,
  lists: usize,
  listStride: i32,
): i32 {
  let listed = 0;
  for (let i = 0; i < count; i++) {
    let to = lists + 2;
    // Every pair is written and those that are not zero stay: no branch to predict.
    for (let p = 0; p < pairs; p++) {
      store<u16>(to, p << 2);
      to += <usize>(load<i32>(values + (<usize>p << 2)) != 0) << 1;
    }
    const found = <i32>(to - lists - 2) >> 1;
    store<u16>(lists, found);
    listed += found;
    values += stride;
    lists += listStride;
  }
  return listed;
}

/** One row x up to 32 outputs. */
// @ts-ignore: decorator
@inline
function sparseRow(
  segments: usize,
  count: i32,
  offset: i32,
  listOffset: i32,
  segmentBytes: i32,
  weights: usize,
  bias: usize,
  lanes: i32,
  dst: usize,
  shift: i32,
  low: v128,
  high: v128,
): void {
  const half = i32x4.splat(shift > 0 ? 1 << (shift - 1) : 0);
  let a0 = i32x4.add(v128.load(bias), half);
  let a1 = i32x4.add(v128.load(bias, 16), half);
  let a2 = i32x4.add(v128.load(bias, 32), half);
  let a3 = i32x4.add(v128.load(bias, 48), half);
  let a4 = i32x4.add(v128.load(bias, 64), half);
  let a5 = i32x4.add(v128.load(bias, 80), half);
  let a6 = i32x4.add(v128.load(bias, 96), half);
  let a7 = i32x4.add(v128.load(bias, 112), half);
  for (let s = 0; s < count; s++) {
    const values: usize = load<u32>(segments) + offset;
    let list: usize = load<u32>(segments, 4) + listOffset;
    const end = list + (<usize>load<u16>(list) << 1);
    while (list < end) {
      const pair = <usize>load<u16>(list, 2);
      list += 2;
      const x = v128.load32_splat(values + pair);
      const w = weights + (pair << 5);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load(w), x));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load(w, 16), x));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load(w, 32), x));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load(w, 48), x));
      // Never; but engines schedule a block's loads before its arithmetic, and eight vectors of
      // weights beside eight sums are more than 16 registers: hence a block of its own.
      if (list > end) break;
      a4 = i32x4.add(a4, i32x4.dot_i16x8_s(v128.load(w, 64), x));
      a5 = i32x4.add(a5, i32x4.dot_i16x8_s(v128.load(w, 80), x));
      a6 = i32x4.add(a6, i32x4.dot_i16x8_s(v128.load(w, 96), x));
      a7 = i32x4.add(a7, i32x4.dot_i16x8_s(v128.load(w, 112), x));
    }
    weights += segmentBytes;
    segments += 8;
  }
  storeLanes(dst, lanes, narrow(a0, a1, shift, low, high));
  if (lanes > 8) storeLanes(dst + 16, lanes - 8, narrow(a2, a3, shift, low, high));
  if (lanes > 16) storeLanes(dst + 32, lanes - 16, narrow(a4, a5, shift, low, high));
  if (lanes > 24) storeLanes(dst + 48, lanes - 24, narrow(a6, a7, shift, low, high));
}

/** One row x up to 4 outputs without SIMD. */
function sparseScalar(
  segments: usize,
  count: i32,
  offset: i32,
  listOffset: i32,
  segmentBytes: i32,
  weights: usize,
  bias: usize,
  lanes: i32,
  dst: usize,
  shift: i32,
  low: i32,
  high: i32,
): void {
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  let a0 = load<i32>(bias) + half;
  let a1 = load<i32>(bias, 4) + half;
  let a2 = load<i32>(bias, 8) + half;
  let a3 = load<i32>(bias, 12) + half;
  for (let s = 0; s < count; s++) {
    const values: usize = load<u32>(segments) + offset;
    let list: usize = load<u32>(segments, 4) + listOffset;
    const end = list + (<usize>load<u16>(list) << 1);
    while (list < end) {
      const pair = <usize>load<u16>(list, 2);
      list += 2;
      const x = <i32>load<i16>(values + pair);
      const y = <i32>load<i16>(values + pair, 2);
      const w = weights + (pair << 5);
      a0 += <i32>load<i16>(w) * x + <i32>load<i16>(w, 2) * y;
      a1 += <i32>load<i16>(w, 4) * x + <i32>load<i16>(w, 6) * y;
      a2 += <i32>load<i16>(w, 8) * x + <i32>load<i16>(w, 10) * y;
      a3 += <i32>load<i16>(w, 12) * x + <i32>load<i16>(w, 14) * y;
    }
    weights += segmentBytes;
    segments += 8;
  }
  store<i16>(dst, max(min(a0 >> shift, high), low));
  if (lanes > 1) store<i16>(dst, max(min(a1 >> shift, high), low), 2);
  if (lanes > 2) store<i16>(dst, max(min(a2 >> shift, high), low), 4);
  if (lanes > 3) store<i16>(dst, max(min(a3 >> shift, high), low), 6);
}

/**
 * dst[r][o] = clamp(sat16(descale(bias[o] + sum over segments of weights * x, shift)), low, high).
 *
 * @param segments Address of `count` x (u32, u32): the values and the list of row 0 in a segment.
 * @param pairs Pairs of inputs a segment.
 * @param stride, listStride Bytes from a row's values and lists to the next row's, of any sign.
 * @param bias Address of i32; as many are read as there are packed outputs (a multiple of 32).
 * @param outputs Outputs stored a row; exactly so many are written.
 * @param low, high Within i16.
 */
export function sparseProduct(
  segments: usize,
  count: i32,
  pairs: i32,
  stride: i32,
  listStride: i32,
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
  const bytes = pairs << 7;
  for (let o = 0; o < outputs; o += 32) {
    const lanes = outputs - o;
    const d = dst + (<usize>o << 1);
    if (ASC_FEATURE_SIMD) {
      const lo = i16x8.splat(<i16>low);
      const hi = i16x8.splat(<i16>high);
      for (let r = 0; r < rows; r++) {
        sparseRow(
          segments,
          count,
          r * stride,
          r * listStride,
          bytes,
          weights,
          bias,
          lanes,
          d + r * dstStride,
          shift,
          lo,
          hi,
        );
      }
    } else {
      for (let q = 0; q < min(32, lanes); q += 4) {
        for (let r = 0; r < rows; r++) {
          sparseScalar(
            segments,
            count,
            r * stride,
            r * listStride,
            bytes,
            weights + (<usize>q << 2),
            bias + (<usize>q << 2),
            lanes - q,
            d + r * dstStride + (<usize>q << 1),
            shift,
            low,
            high,
          );
        }
      }
    }
    weights += <usize>count * bytes;
    bias += 128;
  }
}
