/**
 * Encoding: the entry point `shvq/files/encode`. Kernels and models are files beside the module, which
 * browsers fetch and cache, and Node reads; bundlers copy them.
 */
import { filesEncoder } from './delivery/files-encoder.js';
import { ModelEncoder } from './runtime/model-encoder.js';
import type { EncodeOptions, Encoder, EncoderSettings, ImageLike } from './types.js';

export { ShvqError, type ShvqErrorCode } from './format/errors.js';
export type { DecoderModel, EncoderModel } from './model/layers.js';
export type { EngineBuild, Rect } from './runtime/engine.js';
export type * from './types.js';

/**
 * An encoder of its own, which shares nothing with any other. Engine and models are loaded at the
 * first picture, or by `load()`.
 *
 * @throws ShvqError BAD_INPUT
 */
export function createEncoder(settings: EncoderSettings = {}): Encoder {
  return new ModelEncoder(filesEncoder, settings);
}

let shared: Encoder | undefined;

/**
 * Encodes an image with an encoder that is made at the first call.
 *
 * @returns The bytes of a .shv file.
 * @throws ShvqError
 */
export function encode(
  image: ImageLike,
  options?: EncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  shared ??= createEncoder();
  return shared.encode(image, options);
}
