import { DTYPES, sizeOf } from '../../src/weights/dtypes.js';
import type { StoredTensor } from '../../src/weights/types.js';
import type { Random } from './random.js';

/** Random elements of any bits, or small integers. */
export function losslessTensor(
  random: Random,
  name: string,
  shape: number[],
  type: number,
): StoredTensor {
  const { array, bytes, dtype, range } = DTYPES[type]!;
  const size = sizeOf(shape);
  const data = new array(random.bytes(size * bytes).buffer as ArrayBuffer);
  const modulus = dtype === 'bool' ? 2 : 20;
  if (range && type % 2 === 0) {
    for (let i = 0; i < size; i++) (data as Int32Array)[i]! %= modulus;
  }
  return { mode: 'lossless', name, shape, dtype, data };
}

/** A tensor whose neighbours resemble each other, under each kind of codebook. */
export function quantizedTensor(
  random: Random,
  name: string,
  shape: number[],
  kind: 'uniform' | 'scalar' | 'vector',
): StoredTensor {
  const size = sizeOf(shape);
  const tensor = { mode: 'quantized', name, shape } as const;
  let last = 0;
  if (kind === 'uniform') {
    const spread = 2 ** random.integer(-2, 7);
    const indices = Int32Array.from({ length: size }, () => {
      last = Math.round(last * 0.7 + random.normal() * spread);
      return last;
    });
    return { ...tensor, axis: 0, codebook: { kind, step: 0.125 }, indices };
  }
  if (kind === 'scalar') {
    const points = Int32Array.of(-300, -20, 1, 17, 400);
    const indices = Int32Array.from({ length: size }, () => random.integer(0, 4));
    return { ...tensor, axis: 0, codebook: { kind, step: 0.5, points }, indices };
  }
  const axis = random.integer(0, shape.length - 1);
  const dimensions = random.integer(2, 4);
  const inner = shape.map((side, i) => (i === axis ? Math.ceil(side / dimensions) : side));
  const points = Int32Array.from({ length: 200 * dimensions }, () => random.integer(-99, 99));
  const indices = Int32Array.from({ length: sizeOf(inner) }, () =>
    Math.min(199, Math.floor(Math.abs(random.normal()) * 20)),
  );
  return { ...tensor, axis, codebook: { kind, step: 0.5, dimensions, points }, indices };
}
