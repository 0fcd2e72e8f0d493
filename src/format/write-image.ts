import {
  COLOR_SPACES,
  FLAG_CHUNKS,
  FLAG_GREY,
  IMAGE_MAGIC,
  IMAGE_VERSION,
  MODEL_ID_BYTES,
  TILE_LOG2_MIN,
} from './constants.js';
import { crc32c } from './crc32c.js';
import type { FixedHeader } from './header.js';
import { ByteWriter } from './writer.js';

/** A chunk to be written. */
export interface Chunk {
  readonly type: number;
  readonly payload: Uint8Array;
}

/**
 * Puts a .shv file together: docs/format.md, section 2.
 *
 * @param tiles Entropy-coded payloads, rows of tiles from the top, left to right.
 */
export function writeImage(
  fields: Omit<FixedHeader, 'hasChunks'>,
  chunks: readonly Chunk[],
  tiles: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.bytes(IMAGE_MAGIC);
  out.u8(IMAGE_VERSION);
  const colorSpace = COLOR_SPACES.indexOf(fields.colorSpace);
  out.u8(
    (chunks.length > 0 ? FLAG_CHUNKS : 0) |
      (colorSpace << 1) |
      ((fields.tileLog2 - TILE_LOG2_MIN) << 3) |
      (fields.isGrey ? FLAG_GREY : 0),
  );
  out.u8(fields.quality);
  for (let i = 0; i < MODEL_ID_BYTES; i++) {
    out.u8(Number.parseInt(fields.modelId.slice(2 * i, 2 * i + 2), 16));
  }
  out.varint(fields.width);
  out.varint(fields.height);
  const seed = crc32c(out.finish());
  if (chunks.length > 0) out.varint(chunks.length);
  for (const { type, payload } of chunks) {
    out.u8(type);
    out.varint(payload.length);
    out.u32(crc32c(payload));
  }
  for (const payload of tiles) {
    out.varint(payload.length);
    out.u32(crc32c(payload, seed));
  }
  out.u16(crc32c(out.finish()) & 0xffff);

  const payloads = [...chunks.map(({ payload }) => payload), ...tiles];
  const file = new Uint8Array(payloads.reduce((sum, { length }) => sum + length, out.length));
  file.set(out.finish());
  let at = out.length;
  for (const payload of payloads) {
    file.set(payload, at);
    at += payload.length;
  }
  return file;
}
