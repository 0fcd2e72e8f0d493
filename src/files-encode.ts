/**
 * Encoding: the entry point `shvq/files/encode`. Kernels and models are files beside the module, which
 * browsers fetch and cache, and Node reads; bundlers copy them.
 */
import { filesEncoder } from './delivery/files-encoder.js';
import { type Encoding, encodingBy } from './runtime/encoding.js';

export type { DecoderModel, EncoderModel } from './model/layers.js';
export * from './public.js';
export type { Encoding } from './runtime/encoding.js';

const encoding = /* @__PURE__ */ encodingBy(filesEncoder);

export const createEncoder: Encoding['createEncoder'] = encoding.createEncoder;
export const encode: Encoding['encode'] = encoding.encode;
