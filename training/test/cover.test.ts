import { expect, it } from 'vitest';
import { drawBatch } from '../src/data/images.ts';
import { scaledLatent } from '../src/model/codec.ts';
import { coverCorners } from '../src/quantizer/cover.ts';
import { startCenters } from '../src/quantizer/start.ts';
import { nearestOf, toVectors } from '../src/quantizer/vectors.ts';
import { Rng } from '../src/rng.ts';
import { type Tensor1D, type Tensor2D, type Tensor4D, tf } from '../src/tf.ts';
import { unpack } from '../src/trainer.ts';
import { startedTestProfile, syntheticImages } from './fixtures.ts';

await tf.setBackend('cpu');

const images = syntheticImages(2);
const { config, layout, weights } = startedTestProfile('paper-test');
startCenters(config, layout, weights, images, new Rng(3));
const { structure, run } = config;
const rate = structure.rates - 1;

/** Mean squared distance, an element, of the latent of pictures to their nearest centers. */
function distance(of: Float32Array, data: Float32Array, side: number): number {
  return tf.tidy(() => {
    const w = unpack(layout, of);
    const n = data.length / (3 * side * side);
    const x = tf.tensor4d(data, [n, side, side, 3]);
    const z = scaledLatent(w, structure, x, new Int32Array(n).fill(rate)) as Tensor4D;
    const vectors = toVectors(z, structure.vector ?? { height: 1, width: 1 });
    const centers = w['centers.table'] as Tensor2D;
    const nearest = tf.gather(centers, nearestOf(vectors, centers) as Tensor1D);
    return tf.mean(tf.square(tf.sub(vectors, nearest))).dataSync()[0];
  });
}

it('moves centers that photographs leave to where the corners of the RGB cube need them', () => {
  const photos = drawBatch(images, 4, run.crop, new Rng(9));
  const green = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => (i % 3 === 1 ? 0.5 : -0.5));
  const covered = weights.slice();
  const moved = coverCorners(config, layout, covered, images);
  expect(moved).toBeGreaterThan(0);
  expect(moved).toBeLessThanOrEqual(Math.ceil(structure.centers / 16));
  expect(distance(covered, green, 64)).toBeLessThan(distance(weights, green, 64) / 2);
  const before = distance(weights, photos, run.crop);
  expect(distance(covered, photos, run.crop)).toBeLessThan(1.05 * before);
  expect(coverCorners(config, layout, covered.slice(), images)).toBeLessThanOrEqual(moved);
});

it('leaves scalars alone', () => {
  const scalars = startedTestProfile();
  const before = scalars.weights.slice();
  expect(coverCorners(scalars.config, scalars.layout, scalars.weights, images)).toBe(0);
  expect(scalars.weights).toEqual(before);
});
