/**
 * Decoding: the entry point `shvq/decode`, which brings neither the encoder nor its models. Kernels and
 * models come in JavaScript chunks that are loaded when they are needed.
 */
import { inline } from './delivery/inline.js';
import { ModelDecoder } from './runtime/model-decoder.js';
import type {
  ByteSource,
  DecodedImage,
  DecodedInfo,
  DecodedRows,
  DecodeOptions,
  Decoder,
  DecoderSettings,
} from './types.js';

export { ShvqError, type ShvqErrorCode, type ShvqErrorPlace } from './format/errors.js';
export { readHeader } from './format/read-header.js';
export type { DecoderModel } from './model/layers.js';
export type { EngineBuild, Rect } from './runtime/engine.js';
export type * from './types.js';

/**
 * A decoder of its own, which shares nothing with any other. Engine and model are loaded at the
 * first picture, or by `load()`.
 *
 * @throws ShvqError BAD_INPUT
 */
export function createDecoder(settings: DecoderSettings = {}): Decoder {
  return new ModelDecoder(inline, settings);
}

let shared: Decoder | undefined;

/**
 * Decodes a .shv file with a decoder that is made at the first call.
 *
 * @throws ShvqError
 */
export function decode(source: ByteSource, options?: DecodeOptions): Promise<DecodedImage> {
  shared ??= createDecoder();
  return shared.decode(source, options);
}

/**
 * Decodes a .shv file into memory of the caller: width * height * 4 bytes, RGBA.
 *
 * @throws ShvqError
 */
export function decodeInto(
  source: ByteSource,
  target: Uint8Array | Uint8ClampedArray,
  options?: DecodeOptions,
): Promise<DecodedInfo> {
  shared ??= createDecoder();
  return shared.decodeInto(source, target, options);
}

/**
 * Decodes a .shv file row by row: rows come as soon as the bytes that they need have arrived, and
 * what is held of the picture is its symbols (half a byte a pixel) and a few rows.
 *
 * @returns What is known from the front of the file, and the rows to iterate over.
 * @throws ShvqError Here for what is wrong with the header, from the iteration for what comes after.
 * @example
 * const picture = await decodeRows(await fetch('photo.shv'));
 * const canvas = new OffscreenCanvas(picture.width, picture.height);
 * for await (const { y, width, height, data } of picture) {
 *   canvas.getContext('2d').putImageData(new ImageData(data, width, height), 0, y);
 * }
 */
export function decodeRows(source: ByteSource, options?: DecodeOptions): Promise<DecodedRows> {
  shared ??= createDecoder();
  return shared.decodeRows(source, options);
}
