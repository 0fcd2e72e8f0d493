import type { EncoderDelivery } from '../delivery/delivery.js';
import type { EncodeOptions, Encoder, EncoderSettings, ImageLike } from '../types.js';
import { ModelEncoder } from './model-encoder.js';

/** The functions of the entry points for encoding, which differ in their delivery alone. */
export interface Encoding {
  /**
   * An encoder of its own, which shares nothing with any other. Engine and models are loaded at the
   * first picture, or by `load()`.
   *
   * @throws ShvqError BAD_INPUT
   */
  createEncoder(settings?: EncoderSettings): Encoder;
  /**
   * Encodes an image with an encoder that is made at the first call.
   *
   * @returns The bytes of a .shv file.
   * @throws ShvqError
   */
  encode(image: ImageLike, options?: EncodeOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** Encoding with kernels and models that come in one way. */
export function encodingBy(delivery: EncoderDelivery): Encoding {
  let shared: Encoder | undefined;
  return {
    createEncoder: (settings = {}) => new ModelEncoder(delivery, settings),
    encode: (image, options) => {
      shared ??= new ModelEncoder(delivery, {});
      return shared.encode(image, options);
    },
  };
}
