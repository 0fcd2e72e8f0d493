/** Cumulative counts of a symbol's cells: docs/format.md, section 6.1. Tables come from the host. */
import { MODE_SHIFT, MODES } from './tile-layout';

/** Count without the floor at a boundary; mantissa and shift are those of the scale. */
// @ts-ignore: decorator
@inline
export function cumulative(
  logistic: usize,
  boundary: i32,
  mean: i32,
  mantissa: i32,
  shift: i32,
): u32 {
  const d = min(max(boundary - mean, -131072), 131071);
  const u = min(max(((d * mantissa) >> shift) + 57344, 0), 114688);
  const entry = logistic + ((u >> 9) << 3);
  return load<u32>(entry) + ((load<u32>(entry, 4) * (u & 511)) >> 9);
}

/** Count below cell k, 1 <= k < size. */
// @ts-ignore: decorator
@inline
export function countBelow(
  logistic: usize,
  boundaries: usize,
  k: i32,
  mean: i32,
  mantissa: i32,
  shift: i32,
): u32 {
  const boundary = load<i32>(boundaries + ((k - 1) << 2));
  return cumulative(logistic, boundary, mean, mantissa, shift) + k;
}

/** Engines make a constant anew wherever it is used, which takes longer than to load it. */
export function storeConstants(constants: usize): void {
  v128.store(constants, i32x4.splat(-131072));
  v128.store(constants, i32x4.splat(131071), 16);
  v128.store(constants, i32x4.splat(57344), 32);
  v128.store(constants, i32x4.splat(114688), 48);
  v128.store(constants, i32x4.splat(511), 64);
  v128.store(constants, i32x4(-1, 0, 1, 2), 80);
}

/**
 * Counts below cells k - 1 to k + 2.
 *
 * @param constants Address of what `storeConstants` wrote.
 * @param boundary The cells' lower boundaries.
 */
// @ts-ignore: decorator
@inline
export function countsAround(
  constants: usize,
  logistic: usize,
  boundary: v128,
  k: i32,
  mean: i32,
  mantissa: i32,
  shift: i32,
): v128 {
  let d = i32x4.sub(boundary, i32x4.splat(mean));
  d = i32x4.min_s(i32x4.max_s(d, v128.load(constants)), v128.load(constants, 16));
  const t = i32x4.shr_s(i32x4.mul(d, i32x4.splat(mantissa)), shift);
  let u = i32x4.add(t, v128.load(constants, 32));
  u = i32x4.min_s(i32x4.max_s(u, i32x4.splat(0)), v128.load(constants, 48));
  const at = i32x4.shl(i32x4.shr_u(u, 9), 3);
  const entries01 = v128.load64_lane(
    logistic + i32x4.extract_lane(at, 1),
    v128.load64_zero(logistic + i32x4.extract_lane(at, 0)),
    1,
  );
  const entries23 = v128.load64_lane(
    logistic + i32x4.extract_lane(at, 3),
    v128.load64_zero(logistic + i32x4.extract_lane(at, 2)),
    1,
  );
  const base = i32x4.shuffle(entries01, entries23, 0, 2, 4, 6);
  const rise = i32x4.shuffle(entries01, entries23, 1, 3, 5, 7);
  const more = i32x4.shr_u(i32x4.mul(rise, v128.and(u, v128.load(constants, 64))), 9);
  const cells = i32x4.add(i32x4.splat(k), v128.load(constants, 80));
  return i32x4.add(i32x4.add(base, more), cells);
}

/** Where the table of the cells of means has a mean. */
// @ts-ignore: decorator
@inline
export function modeIndex(mean: i32): i32 {
  return min(max((mean >> MODE_SHIFT) + MODES / 2, 0), MODES - 1);
}

/** A value in units of 2^-10 of the latent, in units of 2^-10 of the quantizer's scale. */
// @ts-ignore: decorator
@inline
export function applyGain(value: i32, gain: i32): i32 {
  return (value * gain + 128) >> 8;
}

/** Index 0..63 of a scale, from a log-scale in units of 1/256 octave. */
// @ts-ignore: decorator
@inline
export function scaleIndex(logScale: i32): i32 {
  return min(max((logScale + 1696) >> 6, 0), 63);
}
