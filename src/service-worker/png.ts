import { concatenate } from '../image/bytes.js';
import { colorChunk, headerChunk, PNG_SIGNATURE, pngChunk } from '../image/png-chunks.js';
import type { DecodedInfo, DecodedStrip } from '../types.js';

/**
 * PNG (W3C PNG, third edition) without compression: deflate's stored blocks. What reads it is the same
 * browser a moment later, so that bytes cost nothing and time does; the pixels stay exact, which a
 * canvas does not promise where there is alpha.
 */

/** A zlib header: deflate, window of 32 KiB, fastest. */
const ZLIB_HEADER = Uint8Array.of(0x78, 0x01);
/** Bytes of a stored block at most. */
const BLOCK_MAX = 65535;

/** Stored blocks, the last of the stream or not. */
function stored(bytes: Uint8Array, last: boolean): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_MAX) {
    const block = bytes.subarray(at, at + BLOCK_MAX);
    const final = last && at + BLOCK_MAX >= bytes.length;
    const { length } = block;
    parts.push(
      Uint8Array.of(final ? 1 : 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255),
      block,
    );
  }
  return parts;
}

/** Adler-32 (RFC 1950), going on from the bytes before. */
class Adler32 {
  #a = 1;
  #b = 0;

  update(bytes: Uint8Array): void {
    let a = this.#a;
    let b = this.#b;
    for (let at = 0; at < bytes.length; ) {
      // As many as fit into 53 bits without a remainder in between, by a wide margin.
      const end = Math.min(at + 4096, bytes.length);
      for (; at < end; at++) {
        a += bytes[at]!;
        b += a;
      }
      a %= 65521;
      b %= 65521;
    }
    this.#a = a;
    this.#b = b;
  }

  get bytes(): Uint8Array {
    return Uint8Array.of(this.#b >> 8, this.#b & 255, this.#a >> 8, this.#a & 255);
  }
}

/** A zlib stream of stored blocks. */
function unpacked(bytes: Uint8Array): Uint8Array {
  const sum = new Adler32();
  sum.update(bytes);
  return concatenate([ZLIB_HEADER, ...stored(bytes, true), sum.bytes]);
}

/** Writes a PNG strip by strip. */
export class PngWriter {
  readonly #sum = new Adler32();
  #y = 0;

  constructor(private readonly info: DecodedInfo) {}

  /** What comes before the first strip. */
  head(): Uint8Array<ArrayBuffer> {
    const { exif } = this.info;
    const parts = [PNG_SIGNATURE, headerChunk(this.info), colorChunk(this.info, unpacked)];
    if (exif) parts.push(pngChunk('eXIf', exif));
    return concatenate([...parts, pngChunk('IDAT', ZLIB_HEADER)]);
  }

  /** The rows, and after the last of them the end of the file. */
  rows(strip: DecodedStrip): Uint8Array<ArrayBuffer> {
    this.#y += strip.height;
    const last = this.#y === this.info.height;
    const lines = this.#lines(strip);
    this.#sum.update(lines);
    const blocks = stored(lines, last);
    if (!last) return pngChunk('IDAT', ...blocks);
    return concatenate([pngChunk('IDAT', ...blocks, this.#sum.bytes), pngChunk('IEND')]);
  }

  /** Rows as PNG has them: a byte for no filter, then the pixels, alpha left out if there is none. */
  #lines({ data, height, width }: DecodedStrip): Uint8Array {
    const step = this.info.hasAlpha ? 4 : 3;
    const lines = new Uint8Array(height * (1 + width * step));
    let to = 0;
    for (let y = 0; y < height; y++) {
      to++;
      const row = data.subarray(y * width * 4, (y + 1) * width * 4);
      if (step === 4) {
        lines.set(row, to);
        to += row.length;
        continue;
      }
      for (let from = 0; from < row.length; from += 4) {
        lines[to] = row[from]!;
        lines[to + 1] = row[from + 1]!;
        lines[to + 2] = row[from + 2]!;
        to += 3;
      }
    }
    return lines;
  }
}
