import { runUnlessFresh } from './fresh.js';

export const KERNELS = [
  'build/simd.wasm',
  'build/plain.wasm',
  'build/weights-simd.wasm',
  'build/weights-plain.wasm',
  'build/products-simd.wasm',
  'build/products-plain.wasm',
];
export const KERNEL_SOURCES = ['assembly', 'scripts/build-wasm.mjs'];

/** Builds the kernels if a source is newer. */
export default function setup(): void {
  runUnlessFresh('build:wasm', KERNELS, KERNEL_SOURCES);
}
