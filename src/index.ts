/** The whole SDK; `shvq/decode` and `shvq/encode` are its halves. */
export { createDecoder, decode, decodeInto, decodeRows, readHeader } from './decode.js';
export { createEncoder, encode } from './encode.js';
export { ShvqError, type ShvqErrorCode, type ShvqErrorPlace } from './format/errors.js';
export type { DecoderModel, EncoderModel } from './model/layers.js';
export type { EngineBuild, Rect } from './runtime/engine.js';
export type * from './types.js';
