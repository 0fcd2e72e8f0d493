import { describe, expect, it } from 'vitest';
import { costOf, LOG2 } from '../../src/entropy/cost.js';

describe('cost of a cell', () => {
  it('has the logarithms to the nearest 1/256 bit', () => {
    LOG2.forEach((log, i) => {
      expect(log).toBe(Math.round(Math.log2(1 + i / 256) * 256));
    });
  });

  it('is within 0.01 bit of the code length, and never falls as the cell narrows', () => {
    let last = 0;
    for (let count = 2 ** 20; count >= 1; count -= 1 + (count >> 11)) {
      const cost = costOf(count);
      expect(Math.abs(cost / 256 - Math.log2(2 ** 20 / count))).toBeLessThan(0.01);
      expect(cost).toBeGreaterThanOrEqual(last);
      last = cost;
    }
  });
});
