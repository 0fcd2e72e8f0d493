/**
 * What a sequence's values, each plus the base, stand for, written in place of them or into a view of
 * the same memory. Each returns the position of the first value that is out of range, or -1. They are
 * functions around one loop each: engines keep those compiled, which they do not with loops in longer
 * functions or in closures.
 */
import { POINT_MAX } from '../format/layout.js';

/** Integers in `low..high`. */
export function addBase(values: Int32Array, base: number, low: number, high: number): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! + base;
    if (value < low || value > high) return i;
    values[i] = value;
  }
  return -1;
}

/** Points of a codebook. */
export function pick(
  values: Int32Array,
  base: number,
  points: Float32Array,
  floats: Float32Array,
): number {
  for (let i = 0; i < values.length; i++) {
    const index = values[i]! + base;
    if (index < 0 || index >= points.length) return i;
    floats[i] = points[index]!;
  }
  return -1;
}

/** Multiples of a step. */
export function multiply(
  values: Int32Array,
  base: number,
  step: number,
  floats: Float32Array,
): number {
  for (let i = 0; i < values.length; i++) {
    const index = values[i]! + base;
    if (index <= -POINT_MAX || index >= POINT_MAX) return i;
    // Stored as float32: the one rounding.
    floats[i] = step * index;
  }
  return -1;
}
