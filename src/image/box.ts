type Bytes = Uint8Array | Uint8ClampedArray;

/** Every second channel of a pixel: sums of 64 and more fit between them. */
const PAIR = 0x00ff00ff;
const SUM = 0xffff;

/** sum / count to the nearest integer, halves upwards; both below 2^29. */
export function mean(sum: number, count: number): number {
  return ((2 * sum + count) / (2 * count)) | 0;
}

/** Pixels as words; of a copy where they lie between words. */
function wordsOf(bytes: Bytes): Int32Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 ? new Uint8Array(bytes) : bytes;
  return new Int32Array(buffer, byteOffset, length / 4);
}

/**
 * Averages boxes of `side` x `side` pixels of RGBA rows, smaller ones at the right and at the bottom:
 * the mean of each channel. docs/format.md, section 7.6.
 *
 * @param source [rows][width][4]
 * @param side At most 8.
 * @param target [ceil(rows / side)][ceil(width / side)][4]
 */
export function averageBoxes(source: Bytes, width: number, side: number, target: Bytes): void {
  const from = wordsOf(source);
  const to = wordsOf(target);
  let at = 0;
  for (let top = 0; top < from.length; top += side * width) {
    const bottom = Math.min(top + side * width, from.length);
    for (let left = 0; left < width; left += side) {
      const right = Math.min(left + side, width);
      // Two channels each, in whichever order the bytes of words are.
      let even = 0;
      let odd = 0;
      for (let row = top; row < bottom; row += width) {
        for (let i = row + left; i < row + right; i++) {
          even += from[i]! & PAIR;
          odd += (from[i]! >>> 8) & PAIR;
        }
      }
      const count = ((right - left) * (bottom - top)) / width;
      to[at++] =
        mean(even & SUM, count) |
        (mean(odd & SUM, count) << 8) |
        (mean(even >>> 16, count) << 16) |
        (mean(odd >>> 16, count) << 24);
    }
  }
  if (target.byteOffset % 4) target.set(new Uint8Array(to.buffer));
}
