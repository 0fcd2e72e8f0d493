import { createHash } from 'node:crypto';
import plainBytes from '../../build/weights-plain.wasm';
import simdBytes from '../../build/weights-simd.wasm';
import { REFERENCE } from '../../src/weights/decode/reference.js';
import { wasmEngine } from '../../src/weights/decode/wasm.js';
import { bytesOf, DTYPES, sizeOf } from '../../src/weights/dtypes.js';
import type { StoredTensor, Tensor } from '../../src/weights/types.js';
import type { Random } from './random.js';

/** The three decoders of weights, which must agree in every bit. */
export const WEIGHTS_ENGINES = [
  wasmEngine('simd', new WebAssembly.Module(simdBytes as Uint8Array)),
  wasmEngine('plain', new WebAssembly.Module(plainBytes as Uint8Array)),
  REFERENCE,
] as const;

export function hashTensors(tensors: Iterable<Tensor>): string {
  const hash = createHash('sha256');
  for (const { name, shape, dtype, data } of tensors) {
    hash.update(JSON.stringify([name, shape, dtype]));
    hash.update(bytesOf(data));
  }
  return hash.digest('hex');
}

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
