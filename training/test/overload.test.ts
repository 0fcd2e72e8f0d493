import { expect, it } from 'vitest';
import { centersOf } from '../src/model/centers.ts';
import { analysis } from '../src/model/networks.ts';
import { capGains } from '../src/model/overload.ts';
import { type Tensor1D, type Tensor4D, tf } from '../src/tf.ts';
import { unpack } from '../src/trainer.ts';
import { startedTestProfile } from './fixtures.ts';

await tf.setBackend('cpu');

it('lowers gains until flat saturated colours lie within the centers, and no others', () => {
  const { config, layout, weights } = startedTestProfile();
  const s = config.structure;
  const gains = layout.byName.get('gains.encoder');
  if (!gains) throw new Error('no gains');
  // Far too large, but for the last channel, which flat pictures hardly reach.
  const started = weights.slice(gains.offset, gains.offset + gains.size);
  const large = started.map((lg, i) => (i % s.channels === s.channels - 1 ? -20 : lg + 4));
  weights.set(large, gains.offset);
  const w = unpack(layout, weights);
  const capped = capGains(w, s);
  expect(capped.some((lg, i) => lg < large[i])).toBe(true);
  expect(capped.every((lg, i) => lg <= large[i])).toBe(true);
  expect(capped[s.channels - 1]).toBe(-20);

  const centers = centersOf(w['centers.spacing'] as Tensor1D).dataSync();
  for (const colour of [
    [0.5, 0.5, 0.5],
    [-0.5, 0.5, -0.5],
    [0.5, -0.5, -0.5],
  ]) {
    const x = tf.mul(tf.ones([1, 64, 64, 3]), tf.tensor1d(colour)) as Tensor4D;
    const y = analysis(w, s, x);
    for (let rate = 0; rate < s.rates; rate++) {
      const lg = capped.slice(rate * s.channels, (rate + 1) * s.channels);
      const z = tf.max(tf.abs(tf.mul(y, tf.exp(tf.tensor1d(lg))))).dataSync()[0];
      expect(z).toBeLessThanOrEqual(centers[s.centers - 1] * 1.0001);
    }
  }
});
