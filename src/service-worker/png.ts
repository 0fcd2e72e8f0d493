import type { DecodedInfo, DecodedStrip } from '../types.js';
import { crc32 } from './crc32.js';

/**
 * PNG (W3C PNG, third edition) without compression: deflate's stored blocks. What reads it is the same
 * browser a moment later, so that bytes cost nothing and time does; the pixels stay exact, which a
 * canvas does not promise where there is alpha.
 */

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** A zlib header: deflate, window of 32 KiB, fastest. */
const ZLIB_HEADER = Uint8Array.of(0x78, 0x01);
/** Bytes of a stored block at most. */
const BLOCK_MAX = 65535;

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function chunk(type: string, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = concat([latin1(type), ...parts]);
  const bytes = new Uint8Array(body.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length - 4);
  bytes.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return bytes;
}

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

function colorChunks({ colorSpace, icc }: DecodedInfo): Uint8Array[] {
  if (icc) {
    const sum = new Adler32();
    sum.update(icc);
    const profile = concat([ZLIB_HEADER, ...stored(icc, true), sum.bytes]);
    return [chunk('iCCP', latin1('ICC profile\0\0'), profile)];
  }
  if (colorSpace === 'srgb') return [chunk('sRGB', Uint8Array.of(0))];
  // Primaries of P3 with the D65 white point, the sRGB curve, RGB, full range (ITU-T H.273).
  return [chunk('cICP', Uint8Array.of(12, 13, 0, 1))];
}

/** Writes a PNG strip by strip. */
export class PngWriter {
  readonly #sum = new Adler32();
  #y = 0;

  constructor(private readonly info: DecodedInfo) {}

  /** What comes before the first strip. */
  head(): Uint8Array<ArrayBuffer> {
    const { exif, hasAlpha, height, width } = this.info;
    const header = new Uint8Array(13);
    const view = new DataView(header.buffer);
    view.setUint32(0, width);
    view.setUint32(4, height);
    header[8] = 8;
    header[9] = hasAlpha ? 6 : 2;
    const parts = [SIGNATURE, chunk('IHDR', header), ...colorChunks(this.info)];
    if (exif) parts.push(chunk('eXIf', exif));
    return concat([...parts, chunk('IDAT', ZLIB_HEADER)]);
  }

  /** The rows, and after the last of them the end of the file. */
  rows(strip: DecodedStrip): Uint8Array<ArrayBuffer> {
    this.#y += strip.height;
    const last = this.#y === this.info.height;
    const lines = this.#lines(strip);
    this.#sum.update(lines);
    const blocks = stored(lines, last);
    if (!last) return chunk('IDAT', ...blocks);
    return concat([chunk('IDAT', ...blocks, this.#sum.bytes), chunk('IEND')]);
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
