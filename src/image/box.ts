/**
 * Averages boxes of `side` x `side` pixels of RGBA rows, smaller ones at the right and at the bottom:
 * the mean of each channel, rounded to the nearest, halves upwards. docs/format.md, section 7.6.
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
  const rows = source.length / (4 * width);
  const columns = Math.ceil(width / side);
  for (let to = 0; to < target.length; to += 4) {
    const box = to >> 2;
    const left = (box % columns) * side;
    const top = Math.floor(box / columns) * side;
    const right = Math.min(left + side, width);
    const bottom = Math.min(top + side, rows);
    let red = 0;
    let green = 0;
    let blue = 0;
    let alpha = 0;
    for (let y = top; y < bottom; y++) {
      for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 4) {
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
  }
}

/** sum / count to the nearest integer, halves upwards. */
export function mean(sum: number, count: number): number {
  return Math.floor((2 * sum + count) / (2 * count));
}
