import { CHUNK } from '../format/constants.js';
import { crc32c } from '../format/crc32c.js';
import { ShvqError } from '../format/errors.js';
import { parseHeader } from '../format/header.js';
import type { ResolvedLimits } from '../format/limits.js';
import type { FileInput } from '../image/file-input.js';
import { metadataKind } from '../image/metadata.js';
import type { ImageHeader, Metadata } from '../types.js';
import type { Faults } from './faults.js';

/** A file whose header has been read. */
export interface OpenFile {
  readonly input: FileInput;
  readonly header: ImageHeader;
  /** CRC-32C of the fixed header's bytes, which the tiles' checksums go on from. */
  readonly seed: number;
}

/** What the file carries beside the tiles. */
export interface OpenChunks {
  readonly metadata: Metadata;
  /** The payload of the alpha chunk, if it is there and whole. */
  readonly alpha: Uint8Array | undefined;
}

/**
 * Reads the header, as many bytes as it takes.
 *
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT
 */
export async function openFile(input: FileInput, limits: ResolvedLimits): Promise<OpenFile> {
  let length = input.length ?? 1;
  let least = 1;
  for (;;) {
    const bytes = await input.read(0, length);
    try {
      const header = parseHeader(bytes, limits);
      return { input, header, seed: crc32c(bytes.subarray(0, header.fixedBytes)) };
    } catch (error) {
      const needed = error instanceof ShvqError ? error.needed : undefined;
      if (needed === undefined || bytes.length < least || needed <= bytes.length) throw error;
      // A sixteenth more at least: each try parses all from the start, and a directory asks for its
      // entries' second bytes one by one.
      least = needed;
      length = Math.max(needed, Math.ceil((17 / 16) * length));
    }
  }
}

/** @throws ShvqError TRUNCATED or CORRUPT where the file's length is not what its header says */
export function checkFileLength({ input, header }: OpenFile): void {
  const { length } = input;
  if (length === undefined) return;
  if (length > header.fileBytes) {
    throw new ShvqError('CORRUPT', 'Bytes after the end of the file', { offset: header.fileBytes });
  }
  if (length < header.fileBytes) {
    const { offsets, lengths } = header.tiles;
    const tile = lengths.findIndex((bytes, i) => offsets[i]! + bytes > length);
    const place = tile < 0 ? {} : { tile };
    throw new ShvqError('TRUNCATED', `The file ends before its ${header.fileBytes} bytes`, {
      ...place,
      offset: length,
    });
  }
}

interface Payload {
  readonly offset: number;
  readonly length: number;
  readonly checksum: number;
}

/**
 * The bytes that an entry of the directory names.
 *
 * @returns A view, valid until the input is read again.
 * @throws ShvqError TRUNCATED, CORRUPT
 */
async function readPayload(
  input: FileInput,
  { offset, length, checksum }: Payload,
  seed: number,
  what: string,
  tile?: number,
): Promise<Uint8Array> {
  const place = tile === undefined ? { offset } : { offset, tile };
  const payload = await input.read(offset, length);
  if (payload.length < length) {
    throw new ShvqError('TRUNCATED', `${what} is cut off`, { ...place, offset: input.length! });
  }
  if (crc32c(payload, seed) !== checksum) {
    throw new ShvqError('CORRUPT', `${what} fails its checksum`, place);
  }
  return payload;
}

/** A tile's payload. @throws ShvqError TRUNCATED, CORRUPT */
export function readTile({ input, header, seed }: OpenFile, tile: number): Promise<Uint8Array> {
  const { checksums, lengths, offsets } = header.tiles;
  const entry = { offset: offsets[tile]!, length: lengths[tile]!, checksum: checksums[tile]! };
  return readPayload(input, entry, seed, 'The tile', tile);
}

/** Reads the chunks, which lie before the tiles. */
export async function readChunks({ input, header }: OpenFile, faults: Faults): Promise<OpenChunks> {
  const metadata: Metadata = {};
  let alpha: Uint8Array | undefined;
  for (const entry of header.chunks) {
    const kind = metadataKind(entry.type);
    const isAlpha = entry.type === CHUNK.alpha;
    if (kind === undefined && !isAlpha) continue;
    const what = isAlpha ? 'The alpha chunk' : `The chunk of type ${entry.type}`;
    const payload = await faults.guard({}, async () =>
      (await readPayload(input, entry, 0, what)).slice(),
    );
    if (kind !== undefined) {
      if (payload) metadata[kind] = payload;
    } else {
      alpha = payload;
    }
  }
  return { metadata, alpha };
}

/** The end of a file that has been read whole. @throws ShvqError CORRUPT */
export async function checkEnd({ input, header }: OpenFile): Promise<void> {
  const { fileBytes } = header;
  if (input.length === undefined && (await input.read(fileBytes, 1)).length > 0) {
    throw new ShvqError('CORRUPT', 'Bytes after the end of the file', { offset: fileBytes });
  }
}
