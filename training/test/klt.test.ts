import { expect, it } from 'vitest';
import { kltOf } from '../src/data/klt.ts';
import { Rng } from '../src/rng.ts';
import { tf } from '../src/tf.ts';
import { syntheticImages } from './fixtures.ts';

await tf.setBackend('cpu');

it('the transform is orthonormal, with falling values, and compacts the pictures', () => {
  const { vectors, values } = kltOf(syntheticImages(2, 64), 400, new Rng(1));
  const v = tf.tensor2d(vectors, [768, 768]);
  const error = tf.max(tf.abs(tf.sub(tf.matMul(v, v, false, true), tf.eye(768))));
  expect(error.dataSync()[0]).toBeLessThan(1e-4);
  const total = values.reduce((a, b) => a + b, 0);
  for (let k = 1; k < 768; k++) expect(values[k]).toBeLessThanOrEqual(values[k - 1]);
  expect(values.slice(0, 32).reduce((a, b) => a + b, 0)).toBeGreaterThan(0.9 * total);
});
