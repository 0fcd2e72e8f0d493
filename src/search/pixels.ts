import { clamp } from '../reference/tensor.js';
import type { PictureSource } from '../runtime/engine.js';
import type { Addends } from './trace.js';

/** Where a window's pixels lie in the picture. */
export interface Pixels {
  readonly picture: PictureSource;
  /** Of the window's first pixel. */
  readonly left: number;
  readonly top: number;
}

/**
 * Writes a colour of a window, the picture's last column and row repeated.
 *
 * @param to [height][width], units of 2^-6 grey level.
 * @param width Of the window.
 */
export function readColor(
  { left, picture, top }: Pixels,
  color: number,
  to: Int32Array,
  width: number,
): void {
  const { data, step } = picture;
  for (let y = top, at = 0; at < to.length; y++) {
    const row = Math.min(y, picture.height - 1) * picture.width;
    for (let x = left; x < left + width; x++) {
      to[at++] = data[(row + Math.min(x, picture.width - 1)) * step + color]! << 6;
    }
  }
}

/**
 * Writes what is wrong with a picture that the synthesis made, nothing beyond the source; or how that
 * differs from what is wrong with another.
 *
 * @param error [3][height][width], units of 2^-6 grey level.
 * @param addends What adds up to the picture.
 * @param change Whether `error` holds the other's, and takes the difference.
 */
export function writeError(
  error: Int16Array,
  { shortcut, trunk }: Addends,
  { left, picture, top }: Pixels,
  change: boolean,
): void {
  const { data: source, step } = picture;
  const { height, width } = trunk;
  const columns = Math.min(width, picture.width - left);
  const rows = Math.min(height, picture.height - top);
  const plane = height * width;
  for (let color = 0; color < 3; color++)
    error.fill(0, color * plane + rows * width, (color + 1) * plane);
  for (let y = 0; y < rows; y++) {
    for (let color = 0; color < 3; color++) {
      const start = color * plane + y * width;
      const end = start + columns;
      let i = 3 * y * width + color;
      let from = ((top + y) * picture.width + left) * step + color;
      for (let at = start; at < end; at++, i += 3, from += step) {
        const sum = trunk.data[i]! + shortcut.data[i]!;
        const level = Math.min(Math.max(sum + 8160, 0), 16320);
        const e = level - (source[from]! << 6);
        error[at] = change ? clamp(e - error[at]!, -16384, 16383) : e;
      }
      error.fill(0, end, start + width);
    }
  }
}
