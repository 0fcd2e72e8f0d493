// The host, or the bundler made for it, gives a WebAssembly.Module for `.wasm` and an ArrayBuffer for
// `.bin`; these imports reach dist/ as they stand here.
import defaultDecoder from './default-decoder.bin';
import type { DecoderDelivery } from './delivery.js';
import paperDecoder from './paper-decoder.bin';
import plain from './plain.wasm';
import psnrDecoder from './psnr-decoder.bin';
import simd from './simd.wasm';
import weightsPlain from './weights-plain.wasm';
import weightsSimd from './weights-simd.wasm';

/** The files imported as modules: nothing is compiled from bytes, nothing is fetched. */
export const edge: DecoderDelivery = {
  kernels: async (build) => (build === 'simd' ? simd : plain),
  weightsKernels: async (build) => (build === 'simd' ? weightsSimd : weightsPlain),
  models: {
    'default-decoder': async () => new Uint8Array(defaultDecoder),
    'paper-decoder': async () => new Uint8Array(paperDecoder),
    'psnr-decoder': async () => new Uint8Array(psnrDecoder),
  },
};
