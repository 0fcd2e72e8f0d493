import type { Tensor } from './types.js';

/** The value of a float16, exactly. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** The values of bfloat16s, which are the upper halves of float32s. */
function upperHalves(data: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(data, (half) => half << 16).buffer);
}

/** The numbers that a tensor's elements stand for; its own array but for float16 and bfloat16. */
export function valuesOf({ dtype, data }: Tensor): ArrayLike<number | bigint> {
  if (dtype === 'float16') return Float32Array.from(data as Uint16Array, halfToNumber);
  return dtype === 'bfloat16' ? upperHalves(data as Uint16Array) : data;
}
