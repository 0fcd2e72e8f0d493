/**
 * Encoding: the entry point `shvq/encode`. Kernels and models come in JavaScript chunks that are loaded
 * when they are needed.
 */
import { inlineEncoder } from './delivery/inline-encoder.js';
import { type Encoding, encodingBy } from './runtime/encoding.js';

export type { DecoderModel, EncoderModel } from './model/layers.js';
export * from './public.js';
export type { Encoding } from './runtime/encoding.js';

const encoding = /* @__PURE__ */ encodingBy(inlineEncoder);

export const createEncoder: Encoding['createEncoder'] = encoding.createEncoder;
export const encode: Encoding['encode'] = encoding.encode;
