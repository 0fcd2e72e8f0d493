import plainBytes from '../../build/plain.wasm';
import simdBytes from '../../build/simd.wasm';

/** The two builds of the kernels, which must agree in every bit. */
export const BUILDS = [
  { name: 'simd', module: new WebAssembly.Module(simdBytes as Uint8Array) },
  { name: 'plain', module: new WebAssembly.Module(plainBytes as Uint8Array) },
] as const;
