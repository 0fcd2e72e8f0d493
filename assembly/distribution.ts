/** Cumulative counts of a symbol's cells: docs/format.md, section 6.1. Tables come from the host. */

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
