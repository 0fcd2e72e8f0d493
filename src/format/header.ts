import type { ChunkEntry, ColorSpace, ImageHeader, TileDirectory } from '../types.js';
import {
  CHUNK,
  CHUNKS_MAX,
  COLOR_SPACES,
  FLAG_CHUNKS,
  FLAG_GREY,
  IMAGE_MAGIC,
  IMAGE_VERSION,
  MODEL_ID_BYTES,
  QUALITY_MAX,
  TILE_LOG2_MAX,
  TILE_LOG2_MIN,
} from './constants.js';
import { crc32c } from './crc32c.js';
import { ShvqError } from './errors.js';
import { checkPixels, memoryBound, type ResolvedLimits } from './limits.js';
import { ByteReader } from './reader.js';
import { pageHint } from './sniff.js';

/** What the fixed header says: docs/format.md, section 2.1. */
export interface FixedHeader {
  readonly width: number;
  readonly height: number;
  readonly quality: number;
  readonly colorSpace: ColorSpace;
  /** First four bytes of the model's id, 8 hex digits. */
  readonly modelId: string;
  readonly tileLog2: number;
  /** R = G = B everywhere. */
  readonly isGrey: boolean;
  readonly hasChunks: boolean;
}

/** The smallest entries of the directory: a length of one byte and a checksum, and a type. */
const TILE_ENTRY_BYTES = 5;
const CHUNK_ENTRY_BYTES = 6;
const CHECK_BYTES = 2;

const KNOWN_CHUNKS: readonly number[] = Object.values(CHUNK);

function parseFixed(reader: ByteReader): FixedHeader {
  const { bytes } = reader;
  if (IMAGE_MAGIC.some((byte, i) => i < bytes.length && bytes[i] !== byte)) {
    throw new ShvqError('BAD_MAGIC', `Not a .shv image file${pageHint(bytes)}`, { offset: 0 });
  }
  reader.take(IMAGE_MAGIC.length);
  const version = reader.u8();
  if (version !== IMAGE_VERSION) {
    throw new ShvqError('UNSUPPORTED', `Image file version ${version} needs a newer shvq`, {
      offset: 3,
    });
  }
  const flags = reader.u8();
  const colorSpace = COLOR_SPACES[(flags >> 1) & 3];
  const tileLog2 = TILE_LOG2_MIN + ((flags >> 3) & 7);
  if (colorSpace === undefined || tileLog2 > TILE_LOG2_MAX || flags >> 7 !== 0) {
    throw new ShvqError('UNSUPPORTED', `Flags 0x${flags.toString(16)}`, { offset: 4 });
  }
  const quality = reader.u8();
  if (quality > QUALITY_MAX) {
    throw new ShvqError('CORRUPT', `Quality ${quality}`, { offset: 5 });
  }
  const modelId = Array.from(reader.take(MODEL_ID_BYTES), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const offset = reader.position;
  const width = reader.varint();
  const height = reader.varint();
  if (width === 0 || height === 0) {
    throw new ShvqError('CORRUPT', `A picture of ${width} x ${height} pixels`, { offset });
  }
  return {
    width,
    height,
    quality,
    colorSpace,
    modelId,
    tileLog2,
    isGrey: (flags & FLAG_GREY) !== 0,
    hasChunks: (flags & FLAG_CHUNKS) !== 0,
  };
}

function parseChunks(reader: ByteReader): Omit<ChunkEntry, 'offset'>[] {
  const offset = reader.position;
  const count = reader.varint();
  if (count === 0 || count > CHUNKS_MAX) {
    throw new ShvqError('CORRUPT', `A directory of ${count} chunks`, { offset });
  }
  reader.need(count * CHUNK_ENTRY_BYTES);
  return Array.from({ length: count }, () => ({
    type: reader.u8(),
    length: reader.varint(),
    checksum: reader.u32(),
  }));
}

/** Refuses what the header check cannot tell: fields that are intact but mean nothing here. */
function checkChunks(chunks: readonly ChunkEntry[], offset: number): void {
  const seen = new Set<number>();
  for (const { type } of chunks) {
    if (!KNOWN_CHUNKS.includes(type)) {
      if (type % 2 === 0) continue;
      throw new ShvqError('UNSUPPORTED', `A chunk of type ${type}, which must be known`, {
        offset,
      });
    }
    if (seen.has(type)) {
      throw new ShvqError('CORRUPT', `Two chunks of type ${type}`, { offset });
    }
    seen.add(type);
  }
}

/**
 * Reads the header and the directory of a .shv file: docs/format.md, section 2. Needs no model and
 * no WebAssembly, and no more of the file than its first bytes.
 *
 * @param limits Checked only if given; decoding checks its own.
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT
 */
export function parseHeader(bytes: Uint8Array, limits?: ResolvedLimits): ImageHeader {
  const reader = new ByteReader(bytes, 'The file');
  const fixed = parseFixed(reader);
  const { width, height, quality, colorSpace, isGrey, modelId, tileLog2 } = fixed;
  if (limits) checkPixels(width, height, limits);
  const fixedBytes = reader.position;
  const sizes = fixed.hasChunks ? parseChunks(reader) : [];

  const size = 2 ** tileLog2;
  const columns = Math.ceil(width / size);
  const rows = Math.ceil(height / size);
  const count = columns * rows;
  // Before allocating: a directory that is larger than the file is not believed.
  reader.need(count * TILE_ENTRY_BYTES + CHECK_BYTES);
  const lengths = new Uint32Array(count);
  const checksums = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    // What is left to come at least is said at once, for headers that trickle in.
    reader.need((count - i) * TILE_ENTRY_BYTES + CHECK_BYTES);
    lengths[i] = reader.varint();
    checksums[i] = reader.u32();
  }
  const directoryEnd = reader.position;
  if (reader.u16() !== (crc32c(bytes.subarray(0, directoryEnd)) & 0xffff)) {
    throw new ShvqError('CORRUPT', 'The header fails its check', { offset: directoryEnd });
  }

  let offset = reader.position;
  const chunks = sizes.map((entry): ChunkEntry => {
    offset += entry.length;
    return { ...entry, offset: offset - entry.length };
  });
  checkChunks(chunks, fixedBytes);
  const offsets = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    offsets[i] = offset;
    offset += lengths[i]!;
  }
  const tiles: TileDirectory = { size, columns, rows, count, offsets, lengths, checksums };
  return {
    width,
    height,
    quality,
    colorSpace,
    isGrey,
    hasAlpha: chunks.some(({ type }) => type === CHUNK.alpha),
    modelId,
    tiles,
    chunks,
    fixedBytes,
    headerBytes: reader.position,
    fileBytes: offset,
    memory: memoryBound(width, height, count),
  };
}
