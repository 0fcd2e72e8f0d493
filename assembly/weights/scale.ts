import { SCALES } from './layout';

/** 16 * log2(x), linear between powers of two; x >= 1. */
// @ts-ignore: decorator
@inline
export function log2(x: i32): i32 {
  const exponent = 31 - clz<i32>(x);
  return (exponent << 4) + (((x << 4) >> exponent) & 15);
}

/** The class of an expected magnitude, from the sum of three logarithms. */
// @ts-ignore: decorator
@inline
export function scaleOf(logs: i32): i32 {
  return min(max(((logs - 108) * 57) >> 10, 0), SCALES - 1);
}
