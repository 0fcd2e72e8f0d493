/**
 * Decoding: the entry point `shvq/decode`, which brings neither the encoder nor its models. Kernels and
 * models come in JavaScript chunks that are loaded when they are needed.
 */
import { inline } from './delivery/inline.js';
import { type Decoding, decodingBy } from './runtime/decoding.js';

export { readHeader } from './format/read-header.js';
export type { DecoderModel } from './model/layers.js';
export * from './public.js';
export type { Decoding } from './runtime/decoding.js';

const decoding = /* @__PURE__ */ decodingBy(inline);

export const createDecoder: Decoding['createDecoder'] = decoding.createDecoder;
export const decode: Decoding['decode'] = decoding.decode;
export const decodeInto: Decoding['decodeInto'] = decoding.decodeInto;
export const decodeRows: Decoding['decodeRows'] = decoding.decodeRows;
