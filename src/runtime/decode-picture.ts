import { CHUNK } from '../format/constants.js';
import { crc32c } from '../format/crc32c.js';
import { ShvqError, type ShvqErrorPlace } from '../format/errors.js';
import { latentOf, overlaps, tilePixels } from '../format/tiles.js';
import { AlphaDecoder } from '../image/alpha.js';
import { makeGrey } from '../image/grey.js';
import { metadataKind } from '../image/metadata.js';
import { synthesisReach } from '../model/reach.js';
import type { ChunkEntry, ImageHeader, Metadata } from '../types.js';
import type { Step } from './drive.js';
import type { DecoderEngine, Rect } from './engine.js';

/** A file whose header has been read. */
export interface OpenFile {
  readonly bytes: Uint8Array;
  readonly header: ImageHeader;
}

export interface DecodedParts {
  readonly metadata: Metadata;
  readonly errors: ShvqError[];
}

/** Share of a picture's work that its tiles take; what is left is synthesis. */
const TILE_SHARE = 0.4;

/** Throws what goes wrong, or keeps it where the caller wants what is left. */
class Faults {
  readonly list: ShvqError[] = [];

  constructor(private readonly partial: boolean) {}

  /**
   * @param place Added to an error that says nothing of it.
   * @returns What `work` does; nothing if it failed.
   */
  guard<T>(place: ShvqErrorPlace, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ShvqError)) throw error;
      const placed =
        error.offset === undefined
          ? new ShvqError(error.code, error.message, { ...place, cause: error.cause })
          : error;
      if (!this.partial) throw placed;
      this.list.push(placed);
      return undefined;
    }
  }
}

/** @throws ShvqError TRUNCATED or CORRUPT where the file's length is not what its header says */
function checkFileLength({ bytes, header }: OpenFile): void {
  if (bytes.length > header.fileBytes) {
    throw new ShvqError('CORRUPT', 'Bytes after the end of the file', { offset: header.fileBytes });
  }
  if (bytes.length < header.fileBytes) {
    const { offsets, lengths } = header.tiles;
    const tile = lengths.findIndex((length, i) => offsets[i]! + length > bytes.length);
    const place = tile < 0 ? {} : { tile };
    throw new ShvqError('TRUNCATED', `The file ends before its ${header.fileBytes} bytes`, {
      ...place,
      offset: bytes.length,
    });
  }
}

interface Payload {
  readonly offset: number;
  readonly length: number;
  readonly checksum: number;
}

/** The bytes that an entry of the directory names. @throws ShvqError TRUNCATED, CORRUPT */
function readPayload(
  bytes: Uint8Array,
  { offset, length, checksum }: Payload,
  seed: number,
  what: string,
  tile?: number,
): Uint8Array {
  const place = tile === undefined ? { offset } : { offset, tile };
  if (offset + length > bytes.length) {
    throw new ShvqError('TRUNCATED', `${what} is cut off`, { ...place, offset: bytes.length });
  }
  const payload = bytes.subarray(offset, offset + length);
  if (crc32c(payload, seed) !== checksum) {
    throw new ShvqError('CORRUPT', `${what} fails its checksum`, place);
  }
  return payload;
}

function readMetadata({ bytes, header }: OpenFile, faults: Faults): Metadata {
  const metadata: Metadata = {};
  for (const entry of header.chunks) {
    const kind = metadataKind(entry.type);
    if (kind === undefined) continue;
    const payload = faults.guard({}, () =>
      readPayload(bytes, entry, 0, `The chunk of type ${entry.type}`),
    );
    if (payload) metadata[kind] = payload.slice();
  }
  return metadata;
}

function openAlpha(bytes: Uint8Array, entry: ChunkEntry, width: number): AlphaDecoder {
  return new AlphaDecoder(readPayload(bytes, entry, 0, 'The alpha chunk'), width);
}

/**
 * Decodes a region of a picture into RGBA bytes, in steps between which the caller may stop.
 *
 * @param region Pixels, within the picture.
 * @param target [region height][region width][4]
 * @param partial Collect errors in place of throwing them.
 * @throws ShvqError TRUNCATED, CORRUPT, BAD_INPUT
 */
export function* decodePicture(
  engine: DecoderEngine,
  file: OpenFile,
  region: Rect,
  target: Uint8Array | Uint8ClampedArray,
  partial: boolean,
): Generator<Step, DecodedParts> {
  const { bytes, header } = file;
  const { height, quality, tiles, width } = header;
  const { stride } = engine.model.latent;
  const faults = new Faults(partial);
  faults.guard({}, () => checkFileLength(file));
  const metadata = readMetadata(file, faults);

  const picture = engine.open(width, height, quality);
  const margin = synthesisReach(engine.model.synthesis) * stride;
  const seed = crc32c(bytes.subarray(0, header.fixedBytes));
  for (let tile = 0; tile < tiles.count; tile++) {
    const pixels = tilePixels(header, tile);
    if (!overlaps(pixels, region, margin)) continue;
    const entry: Payload = {
      offset: tiles.offsets[tile]!,
      length: tiles.lengths[tile]!,
      checksum: tiles.checksums[tile]!,
    };
    faults.guard({ offset: entry.offset, tile }, () =>
      picture.decodeTile(
        latentOf(pixels, stride),
        readPayload(bytes, entry, seed, 'The tile', tile),
      ),
    );
    yield { pixels: pixels.width * pixels.height, done: (TILE_SHARE * (tile + 1)) / tiles.count };
  }

  const entry = header.chunks.find(({ type }) => type === CHUNK.alpha);
  const alpha =
    entry && faults.guard({ offset: entry.offset }, () => openAlpha(bytes, entry, width));
  for (let y = 0; alpha && y < region.y; y++) {
    alpha.next();
    yield { pixels: width, done: TILE_SHARE };
  }
  let at = 0;
  for (const rows of picture.pixels(region)) {
    const size = rows.height * region.width * 4;
    if (at + size > target.length) {
      throw new ShvqError('BAD_INPUT', 'The target was detached while it was written');
    }
    target.set(rows.data.subarray(0, size), at);
    if (header.isGrey) makeGrey(target.subarray(at, at + size));
    if (alpha) {
      for (let y = 0; y < rows.height; y++) {
        const row = alpha.next();
        const to = at + y * region.width * 4 + 3;
        for (let x = 0; x < region.width; x++) target[to + 4 * x] = row[region.x + x]!;
      }
    }
    at += size;
    yield {
      pixels: rows.height * region.width,
      done: TILE_SHARE + ((1 - TILE_SHARE) * at) / target.length,
    };
  }
  return { metadata, errors: faults.list };
}
