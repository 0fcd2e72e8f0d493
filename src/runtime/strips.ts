import { averageBoxes } from '../image/box.js';
import { makeGrey } from '../image/grey.js';
import type { RegionAlpha } from '../image/region-alpha.js';
import type { PixelRows } from './engine.js';

/** What becomes of an engine's rows. */
export interface StripFinish {
  /** Pixels in a row of the engine's. */
  readonly width: number;
  /** Side of the boxes that are averaged. */
  readonly box: number;
  readonly isGrey: boolean;
  /** Opaque if left out. */
  readonly alpha?: RegionAlpha | undefined;
}

/** Bytes of RGBA that a strip of the engine's rows becomes. */
export function finishedBytes({ height }: PixelRows, { box, width }: StripFinish): number {
  return Math.ceil(height / box) * Math.ceil(width / box) * 4;
}

/** Makes the result's pixels of a strip: `target` has `finishedBytes`. */
export function finishStrip(
  strip: PixelRows,
  { alpha, box, isGrey, width }: StripFinish,
  target: Uint8Array | Uint8ClampedArray,
): void {
  if (isGrey) makeGrey(strip.data);
  if (box === 1) target.set(strip.data);
  else averageBoxes(strip.data, width, box, target);
  alpha?.write(target);
}
