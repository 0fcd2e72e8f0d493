import { describe, expect, it } from 'vitest';
import { activities, addedToShortcut, deadUnits } from '../src/model/activity.ts';
import { relu } from '../src/model/layers.ts';
import { analysis } from '../src/model/networks.ts';
import { restartAnalysis } from '../src/model/restart.ts';
import { freshState } from '../src/optim/optimizer.ts';
import { Rng } from '../src/rng.ts';
import { type Tensor4D, tf } from '../src/tf.ts';
import { unpack } from '../src/trainer.ts';
import { startedTestProfile, syntheticImages } from './fixtures.ts';

await tf.setBackend('cpu');

const images = syntheticImages();
const x = tf.randomUniform([2, 64, 64, 3], -0.5, 0.5, 'float32', 3) as Tensor4D;

describe('an analysis that has lost its units', () => {
  const { config, layout, weights } = startedTestProfile();
  const run = { ...config.run, crop: 64 };
  const state = freshState(weights.slice());
  for (const p of layout.parameters) {
    if (/^analysis\.(down|res.*\.a).*\.b$/.test(p.name)) {
      state.weights.fill(-100, p.offset, p.offset + p.size);
    }
  }
  const at = (flat: Float32Array) => unpack(layout, flat);

  it('is seen', () => {
    expect(deadUnits(at(weights), config.structure, x)).toBeLessThan(0.2);
    expect(deadUnits(at(state.weights), config.structure, x)).toBeGreaterThan(0.7);
  });

  it('gets them back without a change of the mean latent', () => {
    const mean = () =>
      tf.mean(analysis(at(state.weights), config.structure, x), [0, 1, 2]).arraySync() as number[];
    const before = mean();
    restartAnalysis({ ...config, run }, layout, state, images, new Rng(4));
    expect(state.ema).toEqual(state.weights);
    mean().forEach((value, k) => {
      expect(Math.abs(value - before[k])).toBeLessThan(0.05);
    });
    for (const [name, on] of activities(at(state.weights), config.structure, x)) {
      if (name === 'analysis.stem') continue;
      const share = on.reduce((a, b) => a + b, 0) / on.length;
      expect(share, name).toBeGreaterThan(0.2);
      expect(share, name).toBeLessThan(0.8);
    }
  });
});

describe('what an analysis adds to its shortcut', () => {
  const { config, layout, weights } = startedTestProfile();
  const added = (scale: number) => {
    const scaled = weights.slice();
    const { offset, size } = layout.byName.get('analysis.head.w')!;
    for (let i = offset; i < offset + size; i++) scaled[i] *= scale;
    return addedToShortcut(unpack(layout, scaled), config.structure, x);
  };

  it('is nothing without a head, and in proportion to it', () => {
    expect(added(0)).toBeLessThan(1e-5);
    expect(added(4) / added(1)).toBeCloseTo(4, 3);
  });
});

describe('a leaky rectifier', () => {
  it('lets a share of the gradient pass where it is off', () => {
    const input = tf.tensor4d([-1, 2], [1, 1, 2, 1]);
    const slope = (leak: number) =>
      Array.from(
        tf
          .grad((v) => tf.sum(relu(v as Tensor4D, leak)))(input)
          .dataSync(),
      );
    expect(slope(0)).toEqual([0, 1]);
    expect(slope(0.25)).toEqual([0.25, 1]);
    expect(Array.from(relu(input, 0.25).dataSync())).toEqual([0, 2]);
  });
});
