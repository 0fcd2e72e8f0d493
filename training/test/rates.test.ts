import { expect, it } from 'vitest';
import { drawRate, qualityOf, rateOf } from '../src/data/rates.ts';
import { codec } from '../src/model/codec.ts';
import { Rng } from '../src/rng.ts';
import { type Tensor4D, tf } from '../src/tf.ts';
import { unpack } from '../src/trainer.ts';
import { startedTestProfile } from './fixtures.ts';

await tf.setBackend('cpu');

const { config, layout, weights } = startedTestProfile();

it('draws every quality, and training rates alone where nothing else is asked for', () => {
  const rng = new Rng(2);
  const { rates } = config.structure;
  const draw = (betweenRates: boolean) =>
    Array.from({ length: 4000 }, () => drawRate({ ...config.run, betweenRates }, rates, rng));
  const qualities = draw(true).map((rate) => Math.round(qualityOf(rate, rates)));
  expect(new Set(qualities).size).toBe(101);
  expect(Math.min(...qualities)).toBe(0);
  expect(Math.max(...qualities)).toBe(100);
  expect(new Set(draw(false))).toEqual(new Set(Array.from({ length: rates }, (_, i) => i)));
  for (const quality of [0, 16, 50, 100]) {
    expect(qualityOf(rateOf(quality, rates), rates)).toBeCloseTo(quality, 9);
  }
});

it('has gains between two rates that are linear, as a file has them', () => {
  const { channels } = config.structure;
  const x = tf.randomUniform([1, 32, 32, 3], -0.5, 0.5, 'float32', 3) as Tensor4D;
  const options = { sigma: Number.POSITIVE_INFINITY, forward: 'hard' } as const;
  const run = (flat: Float32Array, rates: Int32Array | Float32Array) => {
    const { picture, bits } = codec(unpack(layout, flat), config.structure, x, rates, options);
    return [bits.dataSync()[0], ...picture.dataSync().slice(0, 50)];
  };
  const mixed = weights.slice();
  for (const name of ['gains.encoder', 'gains.decoder']) {
    const { offset } = layout.byName.get(name)!;
    for (let c = 0; c < channels; c++) {
      const [low, high] = [weights[offset + c], weights[offset + channels + c]];
      mixed[offset + c] = low * 0.75 + high * 0.25;
    }
  }
  const wanted = run(mixed, Int32Array.of(0));
  run(weights, Float32Array.of(0.25)).forEach((v, i) => {
    expect(v).toBeCloseTo(wanted[i], 3);
  });
  expect(run(weights, Float32Array.of(1))).toEqual(run(weights, Int32Array.of(1)));
  expect(run(weights, Float32Array.of(0.25))[0]).not.toBeCloseTo(
    run(weights, Int32Array.of(0))[0],
    1,
  );
});
