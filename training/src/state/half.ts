const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

/** Rounds to the nearest IEEE half, ties to even; beyond the largest half it saturates. */
export function toHalf(x: number): number {
  f32[0] = x;
  const bits = u32[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(x);
  if (Number.isNaN(x)) return sign | 0x7e00;
  if (magnitude >= 65504) return sign | 0x7bff;
  // Below 2^-14 halves are multiples of 2^-24; above, a step is 2^(exponent - 10).
  const exponent = magnitude < 2 ** -14 ? -14 : ((bits >>> 23) & 255) - 127;
  const scaled = magnitude * 2 ** (10 - exponent);
  let units = Math.floor(scaled);
  const rest = scaled - units;
  if (rest > 0.5 || (rest === 0.5 && units & 1)) units++;
  // Carries out of the mantissa move into the exponent by themselves.
  return sign | ((exponent + 14) * 1024 + units);
}

export function fromHalf(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >>> 10) & 31;
  const mantissa = h & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}
