/**
 * Encoding: the entry point `shvq/encode`. Kernels and models come in JavaScript chunks that are loaded
 * when they are needed.
 */
import { inlineEncoder } from './delivery/inline-encoder.js';
import { ModelEncoder } from './runtime/model-encoder.js';
import type { EncodeOptions, Encoder, EncoderSettings, ImageLike } from './types.js';

export { ShvqError, type ShvqErrorCode, type ShvqErrorPlace } from './format/errors.js';
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
  return new ModelEncoder(inlineEncoder, settings);
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
