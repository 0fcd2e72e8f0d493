import type { DecoderDelivery } from '../delivery/delivery.js';
import type { Decoder, DecoderSettings } from '../types.js';
import { ModelDecoder } from './model-decoder.js';

/**
 * The functions of the entry points for decoding, which differ in their delivery alone: those of a
 * decoder that is made at the first call, and one that makes others.
 */
export interface Decoding extends Omit<Decoder, 'load'> {
  /**
   * A decoder of its own, which shares nothing with any other. Engine and model are loaded at the
   * first picture, or by `load()`.
   *
   * @throws ShvqError BAD_INPUT
   */
  createDecoder(settings?: DecoderSettings): Decoder;
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
