/**
 * Decoding: the entry point `shvq/files/decode`. Kernels and models are files beside the module, which
 * browsers fetch and cache, and Node reads; bundlers copy them.
 */
import { files } from './delivery/files.js';
import { type Decoding, decodingBy } from './runtime/decoding.js';

export { readHeader } from './format/read-header.js';
export type { DecoderModel } from './model/layers.js';
export * from './public.js';
export type { Decoding } from './runtime/decoding.js';

const decoding = /* @__PURE__ */ decodingBy(files);

export const createDecoder: Decoding['createDecoder'] = decoding.createDecoder;
export const decode: Decoding['decode'] = decoding.decode;
export const decodeInto: Decoding['decodeInto'] = decoding.decodeInto;
export const decodeRows: Decoding['decodeRows'] = decoding.decodeRows;
