import { describe, expect, it } from 'vitest';
import { cumulative, descale, gainOf, scaleIndex } from '../../src/entropy/distribution.js';
import { Random } from '../support/random.js';

describe('descale', () => {
  it('rounds to the nearest, halves up, and leaves shift 0 alone', () => {
    expect([-3, -2, -1, 0, 1, 2, 3].map((x) => descale(x, 1))).toEqual([-1, -1, 0, 0, 1, 1, 2]);
    expect(descale(12345, 0)).toBe(12345);
    expect(descale(-(2 ** 31) + 2 ** 29, 30)).toBe(-1);
  });
});

describe('gainOf', () => {
  it('is 2^(e / 256) in units of 1/256', () => {
    for (let e = -1024; e <= 1535; e++) {
      expect(Math.abs(gainOf(e) - 2 ** (e / 256) * 256)).toBeLessThan(0.76);
    }
  });
});

describe('scaleIndex', () => {
  it('is the nearest of 64 scales, a quarter of an octave apart', () => {
    expect(scaleIndex(-1664)).toBe(0);
    expect(scaleIndex(0)).toBe(26);
    expect(scaleIndex(64)).toBe(27);
    expect(scaleIndex(31)).toBe(26);
    expect(scaleIndex(32)).toBe(27);
    expect(scaleIndex(-40000)).toBe(0);
    expect(scaleIndex(40000)).toBe(63);
  });
});

describe('cumulative', () => {
  it('follows the logistic distribution', () => {
    const random = new Random(3);
    for (let n = 0; n < 5000; n++) {
      const scale = random.integer(14, 50);
      const s = 2 ** (-6.5 + scale / 4);
      const mean = random.integer(-40000, 40000);
      const boundary = mean + Math.round(random.normal() * 4 * s * 1024);
      if (Math.abs(boundary - mean) > 131071) continue;
      const wanted = 1 / (1 + Math.exp(-(boundary - mean) / 1024 / s));
      expect(Math.abs(cumulative(boundary, mean, scale) / 2 ** 20 - wanted)).toBeLessThan(4e-4);
    }
  });

  it('rises with the boundary for every scale and never leaves [0, 2^20 - 64]', () => {
    for (let scale = 0; scale < 64; scale++) {
      let before = 0;
      for (let boundary = -140000; boundary <= 140000; boundary += 97) {
        const now = cumulative(boundary, 123, scale);
        if (now < before) expect.fail(`falls at ${boundary}, scale ${scale}`);
        before = now;
      }
      expect(before).toBeLessThanOrEqual(2 ** 20 - 64);
    }
    expect(cumulative(-(2 ** 30), 0, 0)).toBe(0);
    expect(cumulative(2 ** 30, 0, 0)).toBe(2 ** 20 - 64);
  });
});
