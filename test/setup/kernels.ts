import { existsSync } from 'node:fs';
import { runUnlessFresh } from './fresh.js';

export const KERNELS = ['build/simd.wasm', 'build/plain.wasm'];
export const KERNEL_SOURCES = ['assembly', 'scripts/build-wasm.mjs', 'asconfig.json'];

/** Builds the kernels if a source is newer. */
export default function setup(): void {
  if (!existsSync('scripts/build-wasm.mjs')) return;
  runUnlessFresh('build:wasm', KERNELS, KERNEL_SOURCES);
}
