/**
 * Networks' weights: the entry point `shvq/weights`, for reading and writing `.shvw` files.
 *
 * @example
 * import { compressWeights, fromSafetensors } from 'shvq/weights';
 * const { tensors, metadata } = fromSafetensors(await readFile('network.safetensors'));
 * const { file } = await compressWeights(tensors, { ratio: 12, metadata });
 * await writeFile('network.shvw', file);
 */
import { resolveLimits } from './format/limits.js';
import { viewOf } from './image/bytes.js';
import type { Bytes } from './types.js';
import type { WeightsLimits } from './weights/decode/decoder.js';
import { readStored } from './weights/decode/file.js';
import { type WriteOptions, writeWeights } from './weights/format/write.js';
import type { Tensor, WeightsFile } from './weights/types.js';

export { type Compressed, compressWeights } from './weights/compress/compress.js';
export { type FoldOptions, foldNormalizations } from './weights/compress/fold.js';
export type {
  Forward,
  Layer,
  LayerInput,
  NamedTensor,
  NamedTensors,
  Normalization,
  Visit,
  Window,
} from './weights/compress/network.js';
export type { CompressOptions } from './weights/compress/options.js';
export type { WriteOptions } from './weights/format/write.js';
export { writeWeights } from './weights/format/write.js';
export { fromRecord, type TensorRecord } from './weights/record.js';
export { fromSafetensors, type Network } from './weights/safetensors/read.js';
export { toSafetensors } from './weights/safetensors/write.js';
export { forwardOf } from './weights/tfjs/forward.js';
export { layersOf } from './weights/tfjs/layers.js';
export { fromTfjs, tfjsShards } from './weights/tfjs/read.js';
export type * from './weights/tfjs/tf.js';
export type {
  Codebook,
  LosslessTensor,
  QuantizedTensor,
  ScalarCodebook,
  StoredTensor,
  UniformCodebook,
  VectorCodebook,
  WeightsFile,
} from './weights/types.js';
export * from './weights-decode.js';

/**
 * Writes tensors without loss.
 *
 * @throws ShvqError BAD_INPUT
 */
export function packWeights(
  tensors: Iterable<Tensor>,
  { metadata = '', ...options }: WriteOptions & { readonly metadata?: string | undefined } = {},
): Uint8Array {
  const stored = Array.from(tensors, (tensor) => ({ ...tensor, mode: 'lossless' as const }));
  return writeWeights({ metadata, tensors: stored }, options);
}

/**
 * Reads a file of version 1 as it was written: codebooks and indices in place of values.
 *
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT
 */
export function readStoredWeights(
  bytes: Bytes,
  options: { readonly limits?: WeightsLimits | undefined } = {},
): WeightsFile {
  return readStored(viewOf(bytes), resolveLimits(options.limits));
}
