import { COUNT_BITS, GAIN_BITS, SCALE_COUNT } from '../format/constants.js';
import type { Quantizer } from './quantizer.js';
import { EXP2, LOGISTIC, SCALE_MANTISSA } from './tables.js';

/** (x + half) >> shift, rounding halves up; shift 0 leaves x alone. i32. */
export function descale(x: number, shift: number): number {
  return shift === 0 ? x : (x + (1 << (shift - 1))) >> shift;
}

/** 2^(e / 256) in units of 2^-8, for e in [GAIN_EXPONENT_MIN, GAIN_EXPONENT_MAX]. */
export function gainOf(e: number): number {
  return descale(EXP2[e & 255]!, 14 - GAIN_BITS - (e >> 8));
}

/** A value in units of 2^-10 of the latent, in units of 2^-10 of the quantizer's scale. */
export function applyGain(value: number, gain: number): number {
  return (value * gain + (1 << (GAIN_BITS - 1))) >> GAIN_BITS;
}

/** Index 0..63 of the scale 2^(-6.5 + index / 4), from a log-scale in units of 1/256 octave. */
export function scaleIndex(logScale: number): number {
  return Math.min(Math.max((logScale + 1696) >> 6, 0), SCALE_COUNT - 1);
}

/** Cumulative count (without the floor) of the logistic distribution at a boundary: section 6.1. */
export function cumulative(boundary: number, mean: number, scale: number): number {
  const d = Math.min(Math.max(boundary - mean, -131072), 131071);
  const t = (d * SCALE_MANTISSA[scale & 3]!) >> (4 + (scale >> 2));
  const u = Math.min(Math.max(t + 57344, 0), 114688);
  const i = u >> 9;
  const low = LOGISTIC[i]!;
  return low + (((LOGISTIC[i + 1]! - low) * (u & 511)) >> 9);
}

/** Cumulative count below cell k, 0 <= k <= size: docs/format.md, section 6.1. */
export function countBelow(quantizer: Quantizer, k: number, mean: number, scale: number): number {
  if (k === 0) return 0;
  if (k === quantizer.size) return 2 ** COUNT_BITS;
  return cumulative(quantizer.boundaries[k - 1]!, mean, scale) + k;
}
