import { describe, expect, it } from 'vitest';
import { RangeDecoder } from '../../src/entropy/range-decoder.js';
import { RangeEncoder } from '../../src/entropy/range-encoder.js';
import { Random } from '../support/random.js';

type Cell = [low: number, high: number];
const TOTAL = 2 ** 20;

function encode(cells: readonly Cell[]): Uint8Array {
  const coder = new RangeEncoder();
  for (const [low, high] of cells) coder.encode(low, high);
  return coder.finish();
}

/** Whether every cell is found again: at or above its low count, below its high count. */
function roundTrip(cells: readonly Cell[]): boolean {
  const coder = new RangeDecoder(encode(cells));
  return cells.every(([low, high]) => {
    const found = coder.isAtLeast(low) && (high === TOTAL || !coder.isAtLeast(high));
    coder.consume(low, high);
    return found;
  });
}

const bitsOf = (cells: readonly Cell[]) =>
  cells.reduce((sum, [low, high]) => sum + Math.log2(TOTAL / (high - low)), 0);

describe('range coder', () => {
  it('writes the golden bytes', () => {
    const cells: Cell[] = [];
    const random = new Random(1);
    for (let i = 0; i < 64; i++) {
      const low = random.integer(0, TOTAL - 2);
      cells.push([low, random.integer(low + 1, TOTAL)]);
    }
    expect(Buffer.from(encode(cells)).toString('hex')).toBe(
      '6a8b839f258c3595e3dc9afbd3e9f2c2d91c5ea66b16',
    );
  });

  it('finds random cells again, the narrowest and the widest among them', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = new Random(seed);
      const cells = Array.from({ length: 2000 }, (): Cell => {
        const width = [1, 2, 64, TOTAL >> 1, TOTAL - 1][random.integer(0, 4)]!;
        const low = random.integer(0, TOTAL - width);
        return [low, low + width];
      });
      expect(roundTrip(cells)).toBe(true);
    }
  });

  it('carries through runs of 0xFF', () => {
    // Cells at the very top push low towards 2^32; a wide one then carries or does not.
    for (let n = 1; n < 40; n++) {
      const top: Cell[] = Array.from({ length: n }, () => [TOTAL - 1, TOTAL]);
      expect(roundTrip([[0, TOTAL - 1], ...top, [TOTAL >> 1, TOTAL], [0, 1]])).toBe(true);
      expect(roundTrip([[TOTAL - 3, TOTAL - 2], ...top, ...top, [TOTAL - 1, TOTAL]])).toBe(true);
    }
  });

  it('costs at most 2 bytes and 0.01 % more than the ideal code length', () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = new Random(seed);
      const cells = Array.from({ length: 30000 }, (): Cell => {
        const zero = random.integer(0, 19) > 0;
        return zero ? [12345, TOTAL - 4567] : [TOTAL - 4567, TOTAL - 4000];
      });
      expect(encode(cells).length * 8).toBeLessThan(bitsOf(cells) * 1.0001 + 16);
    }
  });

  it('needs no byte at all for what is certain', () => {
    expect(encode([]).length).toBe(0);
    expect(encode(Array.from({ length: 100 }, (): Cell => [0, TOTAL])).length).toBe(0);
  });

  it('refuses what no encoder writes', () => {
    expect(() => new RangeDecoder(Uint8Array.of(255, 255, 255, 255))).toThrowError(
      expect.objectContaining({ code: 'CORRUPT' }),
    );
  });
});
