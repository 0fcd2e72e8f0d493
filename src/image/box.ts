import { canHalve, halve } from './halve.js';

/** sum / count to the nearest integer, halves upwards; both below 2^29. */
export function mean(sum: number, count: number): number {
  return ((2 * sum + count) / (2 * count)) | 0;
}

/**
 * Averages boxes of `side` x `side` pixels of RGBA rows, smaller ones at the right and at the bottom:
 * the mean of each channel. docs/format.md, section 7.6.
 *
 * @param source [rows][width][4]
 * @param target [ceil(rows / side)][ceil(width / side)][4]
 */
export function averageBoxes(
  source: Uint8Array | Uint8ClampedArray,
  width: number,
  side: number,
  target: Uint8Array | Uint8ClampedArray,
): void {
  if (side === 2 && canHalve(source, width, target)) {
    halve(source, width, target);
    return;
  }
  const rows = source.length / (4 * width);
  let to = 0;
  for (let top = 0; top < rows; top += side) {
    const bottom = Math.min(top + side, rows);
    for (let left = 0; left < width; left += side) {
      const right = Math.min(left + side, width);
      let red = 0;
      let green = 0;
      let blue = 0;
      let alpha = 0;
      for (let y = top; y < bottom; y++) {
        const end = (y * width + right) * 4;
        for (let at = (y * width + left) * 4; at < end; at += 4) {
          red += source[at]!;
          green += source[at + 1]!;
          blue += source[at + 2]!;
          alpha += source[at + 3]!;
        }
      }
      const count = (right - left) * (bottom - top);
      target[to] = mean(red, count);
      target[to + 1] = mean(green, count);
      target[to + 2] = mean(blue, count);
      target[to + 3] = mean(alpha, count);
      to += 4;
    }
  }
}
