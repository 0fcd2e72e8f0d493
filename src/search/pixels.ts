import { clamp, type Tensor } from '../reference/tensor.js';
import type { PictureSource } from '../runtime/engine.js';

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
 * @param error [height][width][3], units of 2^-6 grey level.
 * @param change Whether `error` holds the other's, and takes the difference.
 */
export function writeError(
  error: Int16Array,
  { data, height, width }: Tensor,
  { left, picture, top }: Pixels,
  change: boolean,
): void {
  const { data: source, step } = picture;
  const columns = Math.min(width, picture.width - left);
  const rows = Math.min(height, picture.height - top);
  error.fill(0, rows * width * 3);
  for (let y = 0; y < rows; y++) {
    const start = y * width * 3;
    const inside = start + columns * 3;
    error.fill(0, inside, start + width * 3);
    let from = ((top + y) * picture.width + left) * step;
    for (let i = start; i < inside; from += step) {
      for (let color = 0; color < 3; color++, i++) {
        const level = Math.min(Math.max(data[i]! + 8160, 0), 16320);
        const e = level - (source[from + color]! << 6);
        error[i] = change ? clamp(e - error[i]!, -16384, 16383) : e;
      }
    }
  }
}
