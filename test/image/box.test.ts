import { describe, expect, it } from 'vitest';
import { averageBoxes } from '../../src/image/box.js';
import { Random } from '../support/random.js';

const random = new Random(5);

/** RGBA with many of the sums that rounding is about, and the largest. */
function pixels(count: number): Uint8Array {
  const near = random.integer(0, 252);
  const value = () => (random.integer(0, 1) ? near : 252) + random.integer(0, 3);
  return Uint8Array.from({ length: 4 * count }, value);
}

/** Means of boxes, as docs/format.md defines them. */
function means(source: Uint8Array, width: number, side: number): number[] {
  const rows = source.length / (4 * width);
  const out: number[] = [];
  for (let top = 0; top < rows; top += side) {
    for (let left = 0; left < width; left += side) {
      const values: number[][] = [[], [], [], []];
      for (let y = top; y < Math.min(top + side, rows); y++) {
        for (let x = left; x < Math.min(left + side, width); x++) {
          for (let c = 0; c < 4; c++) values[c]!.push(source[(y * width + x) * 4 + c]!);
        }
      }
      for (const v of values) out.push(Math.floor(v.reduce((a, b) => a + b) / v.length + 0.5));
    }
  }
  return out;
}

describe.each([2, 4, 8])('boxes of side %i', (side) => {
  it.each([
    [1, 1],
    [16, 8],
    [17, 13],
    [5, 3],
  ])('of %i x %i pixels have their means', (width, rows) => {
    const source = pixels(width * rows);
    const expected = means(source, width, side);
    const target = new Uint8Array(expected.length);
    averageBoxes(source, width, side, target);
    expect([...target]).toEqual(expected);
  });

  it('may lie between words', () => {
    const source = pixels(9 * 9);
    const expected = means(source, 9, side);
    const moved = Buffer.concat([Buffer.alloc(1), source]).subarray(1);
    const around = Buffer.alloc(expected.length + 7, 7);
    averageBoxes(moved, 9, side, around.subarray(3, 3 + expected.length));
    expect([...around]).toEqual([7, 7, 7, ...expected, 7, 7, 7, 7]);
  });

  it('may be all white', () => {
    const target = new Uint8Array(4);
    averageBoxes(new Uint8Array(side * side * 4).fill(255), side, side, target);
    expect([...target]).toEqual([255, 255, 255, 255]);
  });
});
