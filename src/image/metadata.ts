import { CHUNK } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import type { Chunk } from '../format/write-image.js';
import type { Metadata } from '../types.js';
import { isByteArray, viewOf } from './bytes.js';

const KINDS = ['icc', 'exif', 'xmp'] as const;

/**
 * The metadata that was asked for, as chunks.
 *
 * @throws ShvqError BAD_INPUT for what are no bytes
 */
export function metadataChunks(metadata: Metadata): Chunk[] {
  const chunks: Chunk[] = [];
  for (const kind of KINDS) {
    const payload: unknown = metadata[kind];
    if (payload === undefined) continue;
    if (!isByteArray(payload) || payload.length === 0) {
      throw new ShvqError('BAD_INPUT', `${kind} must be a Uint8Array that is not empty`);
    }
    chunks.push({ type: CHUNK[kind], payload: viewOf(payload) });
  }
  return chunks;
}

/** Which kind of metadata a chunk of the file is, if any. */
export function metadataKind(type: number): keyof Metadata | undefined {
  return KINDS.find((kind) => CHUNK[kind] === type);
}
