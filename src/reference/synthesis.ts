import type { Quantizer } from '../entropy/quantizer.js';
import { PIXEL_BITS } from '../format/constants.js';
import type { Transform } from '../model/layers.js';
import type { PreviewHead } from '../model/preview.js';
import { conv, depthToSpace, transform } from './layers.js';
import { makeRows, type Rows } from './rows.js';
import { clamp } from './tensor.js';

/**
 * Symbols to the latent that the networks read.
 *
 * @param symbols [positions][channels]
 * @param latent [positions][channels], written.
 */
export function dequantize(
  { channels, size, values }: Quantizer,
  symbols: Uint8Array,
  latent: Int16Array,
): void {
  for (let i = 0; i < latent.length; i++) {
    latent[i] = values[(i % channels) * size + symbols[i]!]!;
  }
}

/** 127.5 grey levels and the half that rounds, in units of 2^-6. */
const OFFSET = 255 << (PIXEL_BITS - 1);
const HALF = 1 << (PIXEL_BITS - 1);

/** A grey level of a sum in units of 2^-6. */
function level(sum: number): number {
  return clamp((sum + OFFSET + HALF) >> PIXEL_BITS, 0, 255);
}

/**
 * The picture of a latent: docs/format.md, section 7.2.
 *
 * @returns RGB levels, [stride * height][stride * width][3].
 */
export function synthesize(synthesis: Transform, latent: Rows): Rows {
  const [trunk, shortcut] = transform(latent, synthesis);
  return makeRows(trunk.width, trunk.height, trunk.channels, (y, out) => {
    const a = trunk.row(y);
    const b = shortcut.row(y);
    for (let i = 0; i < out.length; i++) out[i] = level(a[i]! + b[i]!);
  });
}

/**
 * The preview of a latent: docs/format.md, section 7.6.
 *
 * @returns RGB levels, [head.stride * height][head.stride * width][3].
 */
export function synthesizePreview(head: PreviewHead, latent: Rows): Rows {
  const { stride, trunk } = head;
  const shortcut = depthToSpace(conv(latent, head.conv), stride);
  return makeRows(shortcut.width, shortcut.height, 3, (y, out) => {
    const row = shortcut.row(y);
    const length = stride * 3;
    const from = (y % stride) * length;
    for (let i = 0; i < out.length; i++) out[i] = level(row[i]! + trunk[from + (i % length)]!);
  });
}
