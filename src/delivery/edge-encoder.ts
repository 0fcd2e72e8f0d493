import defaultEncoder from './default-encoder.bin';
import type { EncoderDelivery } from './delivery.js';
import { edge } from './edge.js';
import paperEncoder from './paper-encoder.bin';
import psnrEncoder from './psnr-encoder.bin';

/** With the encoder models, which workers that only decode must not bring. */
export const edgeEncoder: EncoderDelivery = {
  kernels: edge.kernels,
  weightsKernels: edge.weightsKernels,
  models: {
    ...edge.models,
    'default-encoder': async () => new Uint8Array(defaultEncoder),
    'paper-encoder': async () => new Uint8Array(paperEncoder),
    'psnr-encoder': async () => new Uint8Array(psnrEncoder),
  },
};
