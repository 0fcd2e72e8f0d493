import { describe, expect, it } from 'vitest';
import { bdRate, type RatePoint } from '../../src/cli/metrics/bdrate.js';

const points = (pairs: [number, number][]): RatePoint[] =>
  pairs.map(([rate, quality]) => ({ rate, quality }));

/** Mean PSNR of JPEG and WebP on the Kodak pictures. */
const JPEG = points([
  [0.109, 21.6835],
  [0.1778, 24.6953],
  [0.2684, 26.6718],
  [0.3695, 28.1448],
  [0.4931, 29.4622],
  [0.6424, 30.6979],
  [0.8084, 31.8221],
  [0.9959, 32.9076],
]);
const WEBP = points([
  [0.1026, 25.6749],
  [0.1904, 27.6599],
  [0.253, 28.6256],
  [0.3562, 29.9478],
  [0.526, 31.7099],
  [0.719, 33.3627],
  [0.939, 34.872],
]);

describe('BD-rate', () => {
  it('equals the value that SciPy’s PchipInterpolator gives', () => {
    expect(bdRate(JPEG, WEBP)).toBeCloseTo(-39.27451267173806, 9);
  });

  it('is zero for equal curves and the factor for scaled rates', () => {
    expect(bdRate(JPEG, JPEG)).toBeCloseTo(0, 9);
    const scaled = JPEG.map(({ rate, quality }) => ({ rate: rate * 0.8, quality }));
    expect(bdRate(JPEG, scaled)).toBeCloseTo(-20, 9);
    expect(bdRate(scaled, JPEG)).toBeCloseTo(25, 9);
  });

  it('does not depend on the order of the points', () => {
    expect(bdRate([...JPEG].reverse(), WEBP)).toBe(bdRate(JPEG, WEBP));
  });

  it('interpolates two points along a line', () => {
    const a = points([
      [1, 20],
      [2, 30],
    ]);
    const b = points([
      [1.5, 20],
      [3, 30],
    ]);
    expect(bdRate(a, b)).toBeCloseTo(50, 9);
  });

  it('refuses curves that cannot be compared', () => {
    expect(() => bdRate(JPEG, [WEBP[0]!])).toThrow(/at least two/);
    expect(() => bdRate(JPEG, [WEBP[0]!, { rate: 1, quality: 20 }])).toThrow(/grow/);
    const far = WEBP.map(({ rate, quality }) => ({ rate, quality: quality + 100 }));
    expect(() => bdRate(JPEG, far)).toThrow(/share no range/);
  });
});
