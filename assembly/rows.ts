/**
 * What happens to rows of values between the matrix products: unpacking, shuffling, adding, and
 * packing into pixels.
 */

/**
 * Symbols to dequantized values. Most are zero, but to tell which takes longer than to look all up.
 *
 * @param symbols [positions][channels] bytes.
 * @param values [channels][size] of i16: the value of each symbol of a channel.
 * @param dst [positions] of `channels` i16, `stride` bytes apart; what lies between stays.
 */
export function expandSymbols(
  symbols: usize,
  positions: i32,
  channels: i32,
  values: usize,
  size: i32,
  dst: usize,
  stride: i32,
): void {
  for (let i = 0; i < positions; i++) {
    let value = values;
    for (let c = 0; c < channels; c++) {
      store<i16>(dst + (<usize>c << 1), load<i16>(value + (<usize>load<u8>(symbols + c) << 1)));
      value += size << 1;
    }
    symbols += channels;
    dst += stride;
  }
}

/** Copies `count` chunks of `bytes` (even) each. Chunks do not overlap. */
export function copyChunks(
  src: usize,
  srcStride: i32,
  dst: usize,
  dstStride: i32,
  bytes: i32,
  count: i32,
): void {
  for (let i = 0; i < count; i++) {
    let at: usize = 0;
    if (ASC_FEATURE_SIMD) {
      for (; at + 16 <= <usize>bytes; at += 16) v128.store(dst + at, v128.load(src + at));
    }
    for (; at + 8 <= <usize>bytes; at += 8) store<u64>(dst + at, load<u64>(src + at));
    for (; at < <usize>bytes; at += 2) store<u16>(dst + at, load<u16>(src + at));
    src += srcStride;
    dst += dstStride;
  }
}

/** dst[i] = clamp(dst[i] + src[i], low, high), i < count. low and high within i16. */
export function addRow(src: usize, dst: usize, count: i32, low: i32, high: i32): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    const lo = i16x8.splat(<i16>low);
    const hi = i16x8.splat(<i16>high);
    for (; i + 8 <= count; i += 8) {
      const sum = i16x8.add_sat_s(v128.load(src), v128.load(dst));
      v128.store(dst, i16x8.max_s(i16x8.min_s(sum, hi), lo));
      src += 16;
      dst += 16;
    }
  }
  for (; i < count; i++) {
    const sum = <i32>load<i16>(src) + <i32>load<i16>(dst);
    store<i16>(dst, max(min(sum, high), low));
    src += 2;
    dst += 2;
  }
}

/**
 * A row of pixels as the analysis reads it: 2 * value - 255 for R, G, B, the last pixel repeated.
 *
 * @param pixels `count` pixels of `step` bytes.
 * @param dst [total][3] of i16, total >= count.
 */
export function readPixels(pixels: usize, step: i32, count: i32, dst: usize, total: i32): void {
  for (let i = 0; i < total; i++) {
    store<i16>(dst, (<i32>load<u8>(pixels) << 1) - 255);
    store<i16>(dst, (<i32>load<u8>(pixels, 1) << 1) - 255, 2);
    store<i16>(dst, (<i32>load<u8>(pixels, 2) << 1) - 255, 4);
    dst += 6;
    if (i + 1 < count) pixels += step;
  }
}

/** (x + 127.5 grey levels + the half that rounds) in whole grey levels: docs/format.md, 7.2. */
// @ts-ignore: decorator
@inline
function grey(x: i32): i32 {
  return max(min((x + 8192) >> 6, 255), 0);
}

/**
 * RGBA pixels, alpha 255, of the sum of two rows of [pixels][3] i16 in units of 2^-6 grey level,
 * each in chunks of a multiple of 4 pixels.
 *
 * @param chunk, chunkStride Pixels a chunk of `trunk`, bytes from a chunk to the next.
 * @param chunk2, chunkStride2 Those of `shortcut`.
 * @param pixels A multiple of 4.
 */
export function writePixels(
  trunk: usize,
  chunk: i32,
  chunkStride: i32,
  shortcut: usize,
  chunk2: i32,
  chunkStride2: i32,
  pixels: i32,
  dst: usize,
): void {
  // What is left to add to an address at the end of a chunk.
  const gap = chunkStride - chunk * 6;
  const gap2 = chunkStride2 - chunk2 * 6;
  let left = chunk;
  let left2 = chunk2;
  for (let i = 0; i < pixels; i += 4) {
    if (ASC_FEATURE_SIMD) {
      // Saturation in 16 bits is exact here: what saturates lies beyond white or black.
      const half = i16x8.splat(8192);
      const first = i16x8.add_sat_s(v128.load(trunk), v128.load(shortcut));
      const second = i16x8.add_sat_s(v128.load64_zero(trunk, 16), v128.load64_zero(shortcut, 16));
      const rgb = i8x16.narrow_i16x8_u(
        i16x8.shr_s(i16x8.add_sat_s(first, half), 6),
        i16x8.shr_s(i16x8.add_sat_s(second, half), 6),
      );
      const opaque = i8x16.splat(-1);
      v128.store(
        dst,
        i8x16.shuffle(rgb, opaque, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16),
      );
    } else {
      for (let k: usize = 0; k < 4; k++) {
        const a = trunk + k * 6;
        const b = shortcut + k * 6;
        const red = grey(<i32>load<i16>(a) + <i32>load<i16>(b));
        const green = grey(<i32>load<i16>(a, 2) + <i32>load<i16>(b, 2));
        const blue = grey(<i32>load<i16>(a, 4) + <i32>load<i16>(b, 4));
        store<u32>(dst + (k << 2), red | (green << 8) | (blue << 16) | 0xff000000);
      }
    }
    dst += 16;
    trunk += 24;
    shortcut += 24;
    left -= 4;
    left2 -= 4;
    if (left == 0) {
      trunk += gap;
      left = chunk;
    }
    if (left2 == 0) {
      shortcut += gap2;
      left2 = chunk2;
    }
  }
}
