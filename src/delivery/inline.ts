import { weightsKernels } from '../weights/decode/kernels.js';
import type { DecoderDelivery } from './delivery.js';
import { importBytes } from './import-bytes.js';

/** Each file in a chunk of its own, which is loaded when it is needed. */
export const inline: DecoderDelivery = {
  kernels: (build) =>
    build === 'simd'
      ? importBytes('the SIMD kernels', () => import('../../build/simd.wasm'))
      : importBytes('the plain kernels', () => import('../../build/plain.wasm')),
  weightsKernels,
  models: {
    'default-decoder': () =>
      importBytes('the model default-decoder', () => import('../../models/default-decoder.shvw')),
    'paper-decoder': () =>
      importBytes('the model paper-decoder', () => import('../../models/paper-decoder.shvw')),
    'psnr-decoder': () =>
      importBytes('the model psnr-decoder', () => import('../../models/psnr-decoder.shvw')),
  },
};
