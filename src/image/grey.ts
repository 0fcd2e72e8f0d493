import type { PictureSource } from '../runtime/engine.js';

/** Whether R = G = B everywhere. A colour picture is told by one of its first pixels. */
export function isGrey({ data, step }: Pick<PictureSource, 'data' | 'step'>): boolean {
  for (let i = 0; i < data.length; i += step) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}

/** Makes RGBA bytes grey: R, G and B become (R + 2 G + B + 2) >> 2. docs/format.md, section 7.2. */
export function makeGrey(rgba: Uint8Array | Uint8ClampedArray): void {
  for (let i = 0; i < rgba.length; i += 4) {
    const grey = (rgba[i]! + 2 * rgba[i + 1]! + rgba[i + 2]! + 2) >> 2;
    rgba[i] = grey;
    rgba[i + 1] = grey;
    rgba[i + 2] = grey;
  }
}
