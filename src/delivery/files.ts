import type { DecoderDelivery } from './delivery.js';
import { loadFile } from './load-file.js';

/**
 * The files beside the module. Bundlers know the form `new URL('./name', import.meta.url)`, which
 * therefore stands at every file; dist/ is flat, so that every chunk lies beside them.
 */
export const files: DecoderDelivery = {
  kernels: (build) =>
    build === 'simd'
      ? loadFile('simd.wasm', () => new URL('./simd.wasm', import.meta.url))
      : loadFile('plain.wasm', () => new URL('./plain.wasm', import.meta.url)),
  weightsKernels: (build) =>
    build === 'simd'
      ? loadFile('weights-simd.wasm', () => new URL('./weights-simd.wasm', import.meta.url))
      : loadFile('weights-plain.wasm', () => new URL('./weights-plain.wasm', import.meta.url)),
  models: {
    'default-decoder': () =>
      loadFile('default-decoder.bin', () => new URL('./default-decoder.bin', import.meta.url)),
    'paper-decoder': () =>
      loadFile('paper-decoder.bin', () => new URL('./paper-decoder.bin', import.meta.url)),
    'psnr-decoder': () =>
      loadFile('psnr-decoder.bin', () => new URL('./psnr-decoder.bin', import.meta.url)),
  },
};
