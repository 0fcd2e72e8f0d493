/** 16 * log2(x), linear between powers of two; x in 1..2^27. */
export function log2(x: number): number {
  const exponent = 31 - Math.clz32(x);
  return (exponent << 4) + (((x << 4) >> exponent) & 15);
}
