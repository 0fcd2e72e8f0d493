import { MODEL_VERSION } from '../../format/constants.js';
import { ShvqError } from '../../format/errors.js';
import type { ResolvedLimits } from '../../format/limits.js';
import { parseTensors } from '../../model/tensors.js';
import { lengthOf } from '../coder/block.js';
import { infoOf, sizeOf } from '../dtypes.js';
import { type Block, BlockReader } from '../format/blocks.js';
import type { TensorEntry, WeightsHeader } from '../format/header.js';
import { readHeader } from '../format/read-header.js';
import type { DType, StoredTensor, Tensor, WeightsFile } from '../types.js';
import type { CodeReader, WeightsEngine } from './engine.js';
import { REFERENCE } from './reference.js';
import { decodeStoredIndices, decodeTensor, rawBytes } from './tensor.js';

/** Contexts, tables and what else does not depend on the file. */
const FIXED_WORKSPACE = 2 ** 20;

/** What decoding a file allocates beside its bytes, at most. */
export function memoryOf(header: WeightsHeader): { output: number; workspace: number } {
  let output = 0;
  let largest = 0;
  for (const entry of header.tensors) {
    const bytes = sizeOf(entry.shape) * infoOf(entry.dtype).bytes;
    output += bytes;
    // Indices and the magnitudes of a row's columns.
    largest = Math.max(largest, entry.storage === 'planes' ? bytes : 8 * lengthOf(entry));
  }
  return { output, workspace: FIXED_WORKSPACE + largest };
}

/** @throws ShvqError LIMIT */
export function checkMemory(header: WeightsHeader, { maxMemory }: ResolvedLimits): void {
  const { output, workspace } = memoryOf(header);
  if (output + workspace <= maxMemory) return;
  throw new ShvqError(
    'LIMIT',
    `The tensors need ${output + workspace} bytes of memory, more than limits.maxMemory = ${maxMemory}`,
  );
}

/** A tensor's part of a block's payload, and what follows it. */
export function splitBlock({ tensors, payload }: Block): {
  raw: (entry: TensorEntry) => Uint8Array;
  code: Uint8Array;
} {
  const places = new Map<TensorEntry, number>();
  let at = 0;
  for (const entry of tensors) {
    places.set(entry, at);
    at += rawBytes(entry);
    if (at > payload.length) {
      throw new ShvqError('CORRUPT', 'A block is too short', { tensor: entry.name });
    }
  }
  return {
    raw: (entry) => payload.subarray(places.get(entry)!, places.get(entry)! + rawBytes(entry)),
    code: payload.subarray(at),
  };
}

/** Sets the reader to a block's arithmetic code. @throws ShvqError CORRUPT, naming the tensor */
export function openBlock(reader: CodeReader, block: Block): (entry: TensorEntry) => Uint8Array {
  const { raw, code } = splitBlock(block);
  try {
    reader.resume(code);
  } catch (cause) {
    if (!(cause instanceof ShvqError)) throw cause;
    throw new ShvqError(cause.code, cause.message, { tensor: block.tensors[0]!.name, cause });
  }
  return raw;
}

/** Each block of a file in memory. @throws ShvqError TRUNCATED, CORRUPT */
export function* blocksOf(bytes: Uint8Array, header: WeightsHeader): Generator<Block> {
  const blocks = new BlockReader(header);
  let at = header.bytes;
  while (!blocks.done) {
    const rest = bytes.subarray(at);
    const length = blocks.length(rest, at);
    if (length === undefined || length > rest.length) {
      throw new ShvqError('TRUNCATED', 'The weights file ends too early', {
        offset: bytes.length,
        ...(blocks.tensor !== undefined && { tensor: blocks.tensor }),
      });
    }
    yield blocks.next(rest.subarray(0, length), at);
    at += length;
  }
  if (at < bytes.length) {
    throw new ShvqError('CORRUPT', 'Bytes after the end of the weights file', { offset: at });
  }
}

/** Whether the bytes begin as a file of version 0 does. */
export function isVersion0(bytes: Uint8Array): boolean {
  return bytes[3] === MODEL_VERSION;
}

const INTEGERS: Record<number, DType> = { 1: 'int8', 2: 'int16', 4: 'int32' };

/** A file of version 0: integers as they are. @throws ShvqError */
export function readVersion0(bytes: Uint8Array): { metadata: string; tensors: Tensor[] } {
  const { structure, tensors } = parseTensors(bytes);
  return {
    metadata: structure,
    tensors: tensors.map(({ name, shape, data }) => ({
      name,
      shape,
      dtype: INTEGERS[data.BYTES_PER_ELEMENT]!,
      data,
    })),
  };
}

/**
 * Decodes a whole file in memory.
 *
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT, ENVIRONMENT
 */
export function readWeights(
  bytes: Uint8Array,
  limits: ResolvedLimits,
  engine: WeightsEngine = REFERENCE,
): { metadata: string; tensors: Tensor[] } {
  if (isVersion0(bytes)) return readVersion0(bytes);
  const header = readHeader(bytes, limits);
  checkMemory(header, limits);
  const reader = engine.open();
  const tensors: Tensor[] = [];
  for (const block of blocksOf(bytes, header)) {
    const raw = openBlock(reader, block);
    for (const entry of block.tensors) tensors.push(decodeTensor(reader, entry, raw(entry)));
  }
  return { metadata: header.metadata, tensors };
}

/**
 * Reads a file as it was written: codebooks and indices in place of values.
 *
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT
 */
export function readStored(bytes: Uint8Array, limits: ResolvedLimits): WeightsFile {
  const header = readHeader(bytes, limits);
  checkMemory(header, limits);
  const reader = REFERENCE.open();
  const tensors: StoredTensor[] = [];
  for (const block of blocksOf(bytes, header)) {
    const raw = openBlock(reader, block);
    for (const entry of block.tensors) {
      if (entry.storage === 'quantized') {
        const { name, shape, codebook, axis } = entry;
        const indices = decodeStoredIndices(reader, entry);
        tensors.push({ mode: 'quantized', name, shape, codebook, axis, indices });
      } else tensors.push({ mode: 'lossless', ...decodeTensor(reader, entry, raw(entry)) });
    }
  }
  return { metadata: header.metadata, tensors };
}
