import { describe, expect, it } from 'vitest';
import { averageBoxes } from '../../src/image/box.js';
import { canHalve, halve } from '../../src/image/halve.js';
import { Random } from '../support/random.js';

const random = new Random(5);

/** RGBA with many of the sums that rounding is about, and the largest. */
function pixels(count: number): Uint8Array {
  const near = random.integer(0, 255);
  return Uint8Array.from({ length: 4 * count }, () =>
    Math.min(255, random.integer(0, 1) ? near + random.integer(0, 2) : 252 + random.integer(0, 3)),
  );
}

describe('halve', () => {
  it('gives the means of boxes', () => {
    for (const [width, rows] of [
      [2, 2],
      [6, 4],
      [34, 10],
    ] as const) {
      const source = pixels(width * rows);
      const fast = new Uint8Array(source.length / 4);
      expect(canHalve(source, width, fast)).toBe(true);
      halve(source, width, fast);
      // Where it does not lie at whole words, boxes are averaged one by one.
      const moved = new Uint8Array(source.length + 1).subarray(1);
      moved.set(source);
      expect(canHalve(moved, width, fast)).toBe(false);
      const slow = new Uint8Array(fast.length);
      averageBoxes(moved, width, 2, slow);
      expect(fast).toEqual(slow);
    }
  });

  it('is not for odd sides or for pixels between words', () => {
    const target = new Uint8Array(64);
    expect(canHalve(new Uint8Array(4 * 3 * 2), 3, target)).toBe(false);
    expect(canHalve(new Uint8Array(4 * 2 * 3), 2, target)).toBe(false);
    expect(canHalve(new Uint8Array(4 * 2 * 2), 2, target.subarray(2))).toBe(false);
  });
});
