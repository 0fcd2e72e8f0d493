import { expect, it } from 'vitest';
import { drawBatch, imageSet } from '../src/data/images.ts';
import { Rng } from '../src/rng.ts';

const SIDE = 32;
const SIZE = SIDE * SIDE * 3;
const grey = { name: 'grey', width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(128) };
const images = imageSet([grey]);

/** The crops of a batch. */
function crops(painted: number): Float32Array[] {
  const batch = drawBatch(images, 400, SIDE, new Rng(1), painted);
  return Array.from({ length: 400 }, (_, i) => batch.subarray(i * SIZE, (i + 1) * SIZE));
}

it('paints the share of crops that is asked for, and none by default', () => {
  const isPhoto = (crop: Float32Array) => crop.every((v) => v === crop[0]);
  expect(crops(0).every(isPhoto)).toBe(true);
  const painted = crops(0.25).filter((crop) => !isPhoto(crop)).length;
  expect(painted).toBeGreaterThan(70);
  expect(painted).toBeLessThan(130);
});

it('paints every corner of the RGB cube, within the range of pictures', () => {
  const corners = new Set<string>();
  for (const crop of crops(1)) {
    expect(Math.max(...crop.map(Math.abs))).toBeLessThanOrEqual(0.5);
    for (let i = 0; i < SIZE; i += 3) {
      const colour = crop.subarray(i, i + 3);
      if (colour.every((v) => Math.abs(v) === 0.5)) corners.add(colour.join());
    }
  }
  expect(corners.size).toBe(8);
});

it('paints flat colours, ramps and edges', () => {
  const colours = crops(1).map((crop) => {
    const seen = new Set<string>();
    for (let i = 0; i < SIZE; i += 3) seen.add(crop.subarray(i, i + 3).join());
    return seen.size;
  });
  expect(colours).toContain(1);
  expect(colours).toContain(2);
  expect(Math.max(...colours)).toBeGreaterThan(SIDE);
});
