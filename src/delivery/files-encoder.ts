import type { EncoderDelivery } from './delivery.js';
import { files } from './files.js';
import { loadFile } from './load-file.js';

/** With the encoder models, which pages that only decode must not bring. */
export const filesEncoder: EncoderDelivery = {
  kernels: files.kernels,
  weightsKernels: files.weightsKernels,
  models: {
    ...files.models,
    'default-encoder': () =>
      loadFile('default-encoder.bin', () => new URL('./default-encoder.bin', import.meta.url)),
    'paper-encoder': () =>
      loadFile('paper-encoder.bin', () => new URL('./paper-encoder.bin', import.meta.url)),
    'psnr-encoder': () =>
      loadFile('psnr-encoder.bin', () => new URL('./psnr-encoder.bin', import.meta.url)),
  },
};
