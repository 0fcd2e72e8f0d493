import { describe, expect, it } from 'vitest';
import { msssim } from '../../src/cli/metrics/msssim.js';
import { windowSums } from '../../src/search/blur.js';
import { C2, Distortion, GRADIENT_BITS } from '../../src/search/distortion.js';
import { SearchMemory } from '../../src/search/memory.js';
import { objectiveOf } from '../../src/search/objective.js';
import { scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

const WIDTH = 192;
const HEIGHT = 176;
const picture = scene(WIDTH, HEIGHT);
const random = new Random(5);

const PIXELS = WIDTH * HEIGHT;

/** Where a number of [3][height][width] lies in RGBA. */
const inPicture = (i: number): number => (i % PIXELS) * 4 + Math.floor(i / PIXELS);

/** [3][height][width], units of 2^-6 grey level. */
const source = Int16Array.from({ length: 3 * PIXELS }, (_, i) => picture.data[inPicture(i)]! << 6);

/** Of the source, for the objective of a profile. */
function distortion(profile: string): Distortion {
  const positions = PIXELS / 256;
  const readColor = (color: number, to: Int32Array): void => {
    to.set(source.subarray(color * PIXELS, (color + 1) * PIXELS));
  };
  const scratch = new SearchMemory(positions).of(positions);
  return new Distortion(readColor, WIDTH, HEIGHT, objectiveOf(profile), windowSums, scratch);
}

const mixed = distortion('default');

/** An error of some grey levels that is smooth at no scale, within what the picture can hold. */
function drawError(most: number): Int16Array {
  return source.map((value) => {
    const e = random.integer(-most, most) << 6;
    return value + e < 0 || value + e > 255 << 6 ? -e : e;
  });
}

describe('the distortion of the search', () => {
  it('is near 1 - MS-SSIM + 10 MSE', () => {
    for (const most of [2, 6]) {
      const error = drawError(most);
      const data = picture.data.slice();
      error.forEach((e, i) => {
        data[inPicture(i)]! += e >> 6;
      });
      const mse = error.reduce((sum, e) => sum + (e / 64 / 255) ** 2, 0) / error.length;
      const expected = 1 - msssim({ width: WIDTH, height: HEIGHT, data }, picture) + 10 * mse;
      const { total } = mixed.evaluate(error);
      expect(total / PIXELS / expected).toBeGreaterThan(0.8);
      expect(total / PIXELS / expected).toBeLessThan(1.25);
    }
  });

  it('has the gradient of its value', () => {
    const error = drawError(6);
    const gradient = mixed.evaluate(error).gradient.slice();
    const direction = drawError(3);
    const along = (sign: number): number =>
      mixed.evaluate(error.map((e, i) => e + sign * direction[i]!)).total;
    const slope = direction.reduce(
      (sum, d, i) => sum + d * gradient[3 * (i % PIXELS) + Math.floor(i / PIXELS)]!,
      0,
    );
    const expected = (along(1) - along(-1)) / 2;
    const scale = 2 / (3 * C2 * 2 ** (GRADIENT_BITS + 6));
    expect(Math.abs(slope * scale - expected)).toBeLessThan(0.02 * Math.abs(along(1) - along(0)));
  });

  it('is the squared error alone for a profile that was trained for it', () => {
    const error = drawError(6);
    const { total } = distortion('psnr').evaluate(error);
    const mse = error.reduce((sum, e) => sum + (e / 64 / 255) ** 2, 0) / error.length;
    expect(total / PIXELS / (10 * mse)).toBeCloseTo(1, 1);
  });
});
