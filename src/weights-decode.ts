/**
 * Decoding networks' weights: the entry point `shvq/weights/decode`, which brings neither images nor
 * a compressor.
 *
 * @example
 * import { decodeWeights } from 'shvq/weights/decode';
 * const { tensors } = await decodeWeights(await fetch('network.shvw'));
 * for (const { name, shape, data } of Object.values(tensors)) console.log(name, shape, data);
 */
import type { ByteSource } from './types.js';
import {
  type Weights,
  type WeightsDecodeOptions,
  WeightsDecoder,
  type WeightsDecoderSettings,
  type WeightsStream,
} from './weights/decode/decoder.js';
import type { IOHandler } from './weights/tfjs/artifacts.js';
import { handlerFor } from './weights/tfjs/io-handler.js';

export { ShvqError, type ShvqErrorCode, type ShvqErrorPlace } from './format/errors.js';
export type { EngineBuild } from './runtime/engine.js';
export type {
  AbortSignalLike,
  BlobLike,
  ByteSource,
  Bytes,
  Limits,
  ReadableStreamLike,
  ResponseLike,
  WasmModule,
  WasmOption,
} from './types.js';
export {
  readWeightsInfo,
  type TensorInfo,
  type Weights,
  type WeightsDecodeOptions,
  WeightsDecoder,
  type WeightsDecoderSettings,
  type WeightsInfo,
  type WeightsLimits,
  type WeightsStream,
} from './weights/decode/decoder.js';
export type { IOHandler, ModelArtifacts, WeightSpec } from './weights/tfjs/artifacts.js';
export type { DType, Tensor, TensorData } from './weights/types.js';

/**
 * A decoder of its own, which shares nothing with any other.
 *
 * @throws ShvqError BAD_INPUT
 */
export function createWeightsDecoder(settings: WeightsDecoderSettings = {}): WeightsDecoder {
  return new WeightsDecoder(settings);
}

let shared: WeightsDecoder | undefined;

/**
 * Decodes a `.shvw` file with a decoder that is made at the first call.
 *
 * @throws ShvqError
 */
export function decodeWeights(
  source: ByteSource,
  options?: WeightsDecodeOptions,
): Promise<Weights> {
  shared ??= createWeightsDecoder();
  return shared.decode(source, options);
}

/**
 * Decodes tensor by tensor, each as soon as its bytes have arrived.
 *
 * @throws ShvqError Here for what is wrong with the header, from the iteration for what comes after.
 */
export function streamWeights(
  source: ByteSource,
  options?: WeightsDecodeOptions,
): Promise<WeightsStream> {
  shared ??= createWeightsDecoder();
  return shared.stream(source, options);
}

/**
 * What tfjs loads a compressed model from, in place of the address of its model.json.
 *
 * @param source An address to fetch, or the file itself; a response or stream can be loaded once.
 * @throws ShvqError From `load`; BAD_MODEL where the file has no tfjs model's topology.
 * @example
 * const model = await tf.loadLayersModel(ioHandler('model.shvw'));
 */
export function ioHandler(
  source: ByteSource | string,
  options: WeightsDecodeOptions = {},
): IOHandler {
  shared ??= createWeightsDecoder();
  return handlerFor(shared, source, options);
}
