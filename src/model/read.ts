import { WEIGHTS_VERSION } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { resolveLimits } from '../format/limits.js';
import type { WeightsEngine } from '../weights/decode/engine.js';
import { readWeights } from '../weights/decode/file.js';
import type { Tensor } from '../weights/types.js';
import { applySteps } from './steps.js';
import { type NamedTensor, parseTensors, type TensorFile } from './tensors.js';

/** Integers as they are; quantized tensors hold integers where their codebook's step is one. */
function toIntegers({ name, shape, data }: Tensor): NamedTensor {
  if (data instanceof Int8Array || data instanceof Int16Array || data instanceof Int32Array) {
    return { name, shape, data };
  }
  if (data instanceof Float32Array) {
    const sound = data.every((x) => Number.isInteger(x) && Math.abs(x) < 2 ** 31);
    const small = data.every((x) => Math.abs(x) < 2 ** 15);
    if (sound) return { name, shape, data: small ? Int16Array.from(data) : Int32Array.from(data) };
  }
  throw new ShvqError('BAD_MODEL', 'The tensor holds no integers', { tensor: name });
}

/** Whether a model's file is one of version 1. */
export function isCompressed(bytes: Uint8Array): boolean {
  return bytes[3] === WEIGHTS_VERSION;
}

/**
 * The tensors of a model from a .shvw file of version 0, or of version 1, where the file's metadata
 * are the structure: docs/format.md, section 9. The model's id is the same for both.
 *
 * @param engine What decodes version 1; left out: the reference.
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT, BAD_MODEL
 */
export function readModelTensors(bytes: Uint8Array, engine?: WeightsEngine): TensorFile {
  if (!isCompressed(bytes)) return parseTensors(bytes);
  const { metadata, tensors } = readWeights(bytes, resolveLimits(), engine);
  return { structure: metadata, tensors: applySteps(tensors.map(toIntegers)) };
}
