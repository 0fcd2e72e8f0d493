import type { EncoderDelivery } from './delivery.js';
import { importBytes } from './import-bytes.js';
import { inline } from './inline.js';

/** With the encoder models, which pages that only decode must not bring. */
export const inlineEncoder: EncoderDelivery = {
  kernels: inline.kernels,
  weightsKernels: inline.weightsKernels,
  models: {
    ...inline.models,
    'default-encoder': () =>
      importBytes('the model default-encoder', () => import('../../models/default-encoder.shvw')),
    'paper-encoder': () =>
      importBytes('the model paper-encoder', () => import('../../models/paper-encoder.shvw')),
    'psnr-encoder': () =>
      importBytes('the model psnr-encoder', () => import('../../models/psnr-encoder.shvw')),
  },
};
