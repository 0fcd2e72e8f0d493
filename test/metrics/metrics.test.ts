import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { MSSSIM_SIDE_MIN, msssim, msssimDecibels } from '../../src/cli/metrics/msssim.js';
import type { Pixels } from '../../src/cli/metrics/pixels.js';
import { psnr } from '../../src/cli/metrics/psnr.js';

/** Made with an independent implementation. */
const EXPECTED = { psnr: 25.450143, msssim: 0.96334051 };

async function load(name: string): Promise<Pixels> {
  const url = new URL(`../fixtures/metric-check/${name}`, import.meta.url);
  const { data, info } = await sharp(url.pathname).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

describe('metrics', async () => {
  const a = await load('a.png');
  const b = await load('b.png');

  it('agree with an independent implementation', () => {
    expect(Math.abs(psnr(a, b) - EXPECTED.psnr)).toBeLessThan(1e-4);
    expect(Math.abs(msssim(a, b) - EXPECTED.msssim)).toBeLessThan(1e-6);
  });

  it('are symmetric and perfect for equal pictures', () => {
    expect(psnr(b, a)).toBe(psnr(a, b));
    expect(msssim(b, a)).toBeCloseTo(msssim(a, b), 12);
    expect(psnr(a, a)).toBe(Number.POSITIVE_INFINITY);
    expect(msssim(a, a)).toBeCloseTo(1, 12);
    expect(msssimDecibels(0.9)).toBeCloseTo(10, 12);
  });

  it('leave alpha out', () => {
    const data = new Uint8Array(a.width * a.height * 4).fill(77);
    for (let i = 0; i < a.width * a.height; i++) {
      data.set(a.data.subarray(3 * i, 3 * i + 3), 4 * i);
    }
    const rgba = { ...a, data };
    expect(psnr(rgba, b)).toBe(psnr(a, b));
    expect(msssim(rgba, b)).toBe(msssim(a, b));
  });

  it('refuse pictures of different sizes and pictures that are too small', () => {
    const small = (side: number): Pixels => ({
      width: side,
      height: side,
      data: new Uint8Array(side * side * 3),
    });
    expect(() => psnr(a, small(8))).toThrow(/differ in size/);
    expect(() => msssim(a, small(8))).toThrow(/differ in size/);
    const side = MSSSIM_SIDE_MIN;
    expect(() => msssim(small(side - 1), small(side - 1))).toThrow(/161/);
    expect(msssim(small(side), small(side))).toBeCloseTo(1, 12);
  });
});
