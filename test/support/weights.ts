import { createHash } from 'node:crypto';
import plainBytes from '../../build/weights-plain.wasm';
import simdBytes from '../../build/weights-simd.wasm';
import { REFERENCE } from '../../src/weights/decode/reference.js';
import { wasmEngine } from '../../src/weights/decode/wasm.js';
import { bytesOf } from '../../src/weights/dtypes.js';
import type { Tensor } from '../../src/weights/types.js';

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
