import type { DecodedInfo } from '../types.js';
import { concatenate } from './bytes.js';
import { crc32 } from './crc32.js';

/** What a PNG file (W3C PNG, third edition) consists of, but for its compressed streams. */

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function pngChunk(type: string, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = concatenate([latin1(type), ...parts]);
  const bytes = new Uint8Array(body.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length - 4);
  bytes.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return bytes;
}

/** Eight bits a sample, RGB or RGBA. */
export function headerChunk({ hasAlpha, height, width }: DecodedInfo): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = hasAlpha ? 6 : 2;
  return pngChunk('IHDR', header);
}

/** @param deflate Makes a zlib stream. */
export function colorChunk(
  { colorSpace, icc }: DecodedInfo,
  deflate: (bytes: Uint8Array) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (icc) return pngChunk('iCCP', latin1('ICC profile\0\0'), deflate(icc));
  if (colorSpace === 'srgb') return pngChunk('sRGB', Uint8Array.of(0));
  // Primaries of P3 with the D65 white point, the sRGB curve, RGB, full range (ITU-T H.273).
  return pngChunk('cICP', Uint8Array.of(12, 13, 0, 1));
}
