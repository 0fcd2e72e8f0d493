/**
 * Encoding: the entry point `shvq/edge/encode`, for workers that compile no bytes. Kernels are imported
 * as WebAssembly modules and models as data.
 */
import { edgeEncoder } from './delivery/edge-encoder.js';
import { type Encoding, encodingBy } from './runtime/encoding.js';

export type { DecoderModel, EncoderModel } from './model/layers.js';
export * from './public.js';
export type { Encoding } from './runtime/encoding.js';

const encoding = /* @__PURE__ */ encodingBy(edgeEncoder);

export const createEncoder: Encoding['createEncoder'] = encoding.createEncoder;
export const encode: Encoding['encode'] = encoding.encode;
