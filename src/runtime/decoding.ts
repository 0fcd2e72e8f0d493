import type { DecoderDelivery } from '../delivery/delivery.js';
import type {
  ByteSource,
  DecodedImage,
  DecodedInfo,
  DecodedRows,
  DecodeOptions,
  Decoder,
  DecoderSettings,
} from '../types.js';
import { ModelDecoder } from './model-decoder.js';

/** The functions of the entry points for decoding, which differ in their delivery alone. */
export interface Decoding {
  /**
   * A decoder of its own, which shares nothing with any other. Engine and model are loaded at the
   * first picture, or by `load()`.
   *
   * @throws ShvqError BAD_INPUT
   */
  createDecoder(settings?: DecoderSettings): Decoder;
  /**
   * Decodes a .shv file with a decoder that is made at the first call.
   *
   * @throws ShvqError
   */
  decode(source: ByteSource, options?: DecodeOptions): Promise<DecodedImage>;
  /**
   * Decodes a .shv file into memory of the caller: width * height * 4 bytes, RGBA.
   *
   * @throws ShvqError
   */
  decodeInto(
    source: ByteSource,
    target: Uint8Array | Uint8ClampedArray,
    options?: DecodeOptions,
  ): Promise<DecodedInfo>;
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
  decodeRows(source: ByteSource, options?: DecodeOptions): Promise<DecodedRows>;
}

/** Decoding with kernels and models that come in one way. */
export function decodingBy(delivery: DecoderDelivery): Decoding {
  let shared: Decoder | undefined;
  const common = (): Decoder => {
    shared ??= new ModelDecoder(delivery, {});
    return shared;
  };
  return {
    createDecoder: (settings = {}) => new ModelDecoder(delivery, settings),
    decode: (source, options) => common().decode(source, options),
    decodeInto: (source, target, options) => common().decodeInto(source, target, options),
    decodeRows: (source, options) => common().decodeRows(source, options),
  };
}
