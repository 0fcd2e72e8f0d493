import { ShvqError } from '../../format/errors.js';
import type { ResolvedLimits } from '../../format/limits.js';
import type { FileInput } from '../../image/file-input.js';
import { checkAborted } from '../../runtime/drive.js';
import type { AbortSignalLike } from '../../types.js';
import { BlockReader } from '../format/blocks.js';
import type { WeightsHeader } from '../format/header.js';
import { headerLength, readHeader } from '../format/read-header.js';
import type { Tensor } from '../types.js';
import type { WeightsEngine } from './engine.js';
import { checkMemory, isVersion0, openBlock, readVersion0 } from './file.js';
import { decodeTensor } from './tensor.js';

/** Magic, version and two lengths. */
const PREFIX = 14;
/** Length and checksum of a block. */
const BLOCK_PREFIX = 5;

/** A file whose header has been read, and its tensors as their bytes arrive. */
export interface OpenWeights {
  readonly metadata: string;
  /** How many tensors there are. */
  readonly count: number;
  /** Once. @throws ShvqError */
  tensors(): AsyncGenerator<Tensor, void>;
}

async function openVersion0(input: FileInput, maxBytes: number): Promise<OpenWeights> {
  const { metadata, tensors } = readVersion0(await input.read(0, maxBytes));
  return {
    metadata,
    count: tensors.length,
    async *tensors() {
      yield* tensors;
    },
  };
}

/**
 * Reads a file's header, as many bytes as it takes.
 *
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT
 */
export async function openWeights(
  input: FileInput,
  engine: WeightsEngine,
  limits: ResolvedLimits,
  signal: AbortSignalLike | undefined,
): Promise<OpenWeights> {
  const prefix = await input.read(0, PREFIX);
  if (isVersion0(prefix)) return openVersion0(input, limits.maxBytes);
  const length = headerLength(prefix) ?? PREFIX;
  if (length > limits.maxBytes) {
    throw new ShvqError('LIMIT', `The header alone has ${length} bytes`);
  }
  const header = readHeader(await input.read(0, length), limits);
  checkMemory(header, limits);
  return {
    metadata: header.metadata,
    count: header.tensors.length,
    tensors: () => tensorsOf(input, header, engine, signal),
  };
}

async function* tensorsOf(
  input: FileInput,
  header: WeightsHeader,
  engine: WeightsEngine,
  signal: AbortSignalLike | undefined,
): AsyncGenerator<Tensor, void> {
  const blocks = new BlockReader(header);
  const reader = engine.open();
  let at = header.bytes;
  while (!blocks.done) {
    const length = blocks.length(await input.read(at, BLOCK_PREFIX), at);
    const bytes = length === undefined ? undefined : await input.read(at, length);
    if (length === undefined || bytes!.length < length) {
      throw new ShvqError('TRUNCATED', 'The weights file ends too early', {
        ...(input.length !== undefined && { offset: input.length }),
        ...(blocks.tensor !== undefined && { tensor: blocks.tensor }),
      });
    }
    const block = blocks.next(bytes!, at);
    const raw = openBlock(reader, block);
    for (const entry of block.tensors) {
      checkAborted(signal);
      yield decodeTensor(reader, entry, raw(entry));
    }
    at += length;
  }
  if ((await input.read(at, 1)).length > 0) {
    throw new ShvqError('CORRUPT', 'Bytes after the end of the weights file', { offset: at });
  }
}
