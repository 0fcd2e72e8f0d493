import { deflateSync } from 'node:zlib';
import { concatenate } from '../image/bytes.js';
import { colorChunk, headerChunk, latin1, PNG_SIGNATURE, pngChunk } from '../image/png-chunks.js';
import type { DecodedImage } from '../types.js';

/**
 * A PNG file (W3C PNG, third edition) with the picture's pixels, colour space and metadata. Alpha is
 * left out where the picture has none.
 */
export function encodePng(image: DecodedImage): Uint8Array {
  const chunks = [headerChunk(image), colorChunk(image, deflateSync)];
  if (image.exif) chunks.push(pngChunk('eXIf', image.exif));
  if (image.xmp) chunks.push(pngChunk('iTXt', latin1('XML:com.adobe.xmp\0\0\0\0\0'), image.xmp));
  chunks.push(pngChunk('IDAT', deflateSync(filteredRows(image), { level: 6 })), pngChunk('IEND'));
  return concatenate([PNG_SIGNATURE, ...chunks]);
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
