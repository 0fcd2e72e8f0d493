/**
 * Decoding: the entry point `shvq/edge/decode`, for workers that compile no bytes. Kernels are imported
 * as WebAssembly modules and models as data.
 */
import { edge } from './delivery/edge.js';
import { type Decoding, decodingBy } from './runtime/decoding.js';

export { readHeader } from './format/read-header.js';
export type { DecoderModel } from './model/layers.js';
export * from './public.js';
export type { Decoding } from './runtime/decoding.js';

const decoding = /* @__PURE__ */ decodingBy(edge);

export const createDecoder: Decoding['createDecoder'] = decoding.createDecoder;
export const decode: Decoding['decode'] = decoding.decode;
export const decodeInto: Decoding['decodeInto'] = decoding.decodeInto;
export const decodeRows: Decoding['decodeRows'] = decoding.decodeRows;
