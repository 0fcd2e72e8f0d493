import { deflateSync } from 'node:zlib';
import type { DecodedImage } from '../types.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * A PNG file (W3C PNG, third edition) with the picture's pixels, colour space and metadata. Alpha is
 * left out where the picture has none.
 */
export function encodePng(image: DecodedImage): Uint8Array {
  const { width, height } = image;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = image.hasAlpha ? 6 : 2;
  const chunks = [chunk('IHDR', header), ...colorChunks(image)];
  if (image.exif) chunks.push(chunk('eXIf', image.exif));
  if (image.xmp) chunks.push(chunk('iTXt', latin1('XML:com.adobe.xmp\0\0\0\0\0'), image.xmp));
  chunks.push(chunk('IDAT', deflateSync(filteredRows(image), { level: 6 })), chunk('IEND'));
  return Buffer.concat([Uint8Array.from(SIGNATURE), ...chunks]);
}

function colorChunks({ icc, colorSpace }: DecodedImage): Uint8Array[] {
  if (icc) return [chunk('iCCP', latin1('ICC profile\0\0'), deflateSync(icc))];
  if (colorSpace === 'srgb') return [chunk('sRGB', Uint8Array.of(0))];
  // Primaries of P3 with the D65 white point, the sRGB curve, RGB, full range (ITU-T H.273).
  return [chunk('cICP', Uint8Array.of(12, 13, 0, 1))];
}

/** Each row with the filter that makes its residuals smallest, by the sum of their magnitudes. */
function filteredRows({ width, height, data, hasAlpha }: DecodedImage): Uint8Array {
  const step = hasAlpha ? 4 : 3;
  const stride = width * step;
  const result = new Uint8Array(height * (stride + 1));
  let above = new Uint8Array(stride);
  let row = new Uint8Array(stride);
  const candidate = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    packRow(data, y * width * 4, row, step);
    const start = y * (stride + 1);
    let best = Number.POSITIVE_INFINITY;
    for (let filter = 0; filter < 5; filter++) {
      const cost = applyFilter(filter, row, above, step, candidate);
      if (cost >= best) continue;
      best = cost;
      result[start] = filter;
      result.set(candidate, start + 1);
    }
    [above, row] = [row, above];
  }
  return result;
}

function packRow(data: Uint8ClampedArray, offset: number, row: Uint8Array, step: number): void {
  if (step === 4) {
    row.set(data.subarray(offset, offset + row.length));
    return;
  }
  for (let i = 0; i < row.length; i += 3) {
    row[i] = data[offset]!;
    row[i + 1] = data[offset + 1]!;
    row[i + 2] = data[offset + 2]!;
    offset += 4;
  }
}

/** @returns The sum of the residuals' magnitudes as signed bytes. */
function applyFilter(
  filter: number,
  row: Uint8Array,
  above: Uint8Array,
  step: number,
  residuals: Uint8Array,
): number {
  let cost = 0;
  for (let i = 0; i < row.length; i++) {
    const left = i < step ? 0 : row[i - step]!;
    const up = above[i]!;
    const corner = i < step ? 0 : above[i - step]!;
    let predicted = 0;
    if (filter === 1) predicted = left;
    else if (filter === 2) predicted = up;
    else if (filter === 3) predicted = (left + up) >> 1;
    else if (filter === 4) predicted = paeth(left, up, corner);
    const residual = (row[i]! - predicted) & 255;
    residuals[i] = residual;
    cost += residual < 128 ? residual : 256 - residual;
  }
  return cost;
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function chunk(type: string, ...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(12 + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  bytes.set(latin1(type), 4);
  let offset = 8;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  view.setUint32(offset, crc32(bytes.subarray(4, offset)));
  return bytes;
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The CRC of PNG and zlib; Node's own is younger than version 20. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
