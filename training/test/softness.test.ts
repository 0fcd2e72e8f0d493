import { describe, expect, it } from 'vitest';
import { freshState } from '../src/optim/optimizer.ts';
import { softnessOf } from '../src/quantizer/softness.ts';
import { type Tensor4D, tf } from '../src/tf.ts';
import { Probe } from '../src/watch/probe.ts';
import { startedTestProfile, syntheticImages } from './fixtures.ts';

await tf.setBackend('cpu');

describe('softness', () => {
  const z = tf.tensor4d([0.5, 0, 0, 0.5], [1, 2, 2, 1]) as Tensor4D;
  const scalars = { kind: 'scalars' as const, centers: tf.tensor1d([-1, 0, 1]) };
  const vectors = {
    kind: 'vectors' as const,
    centers: tf.tensor2d([0, 1, -1], [3, 1]),
    patch: { height: 1, width: 1 },
  };

  it.each([scalars, vectors])(
    'is a half between two centers and 0 where hard: $kind',
    (codebook) => {
      // At 0.5 two centers are as near; at 0 they are a unit away, which sigma 50 makes nothing.
      expect(softnessOf(z, codebook, 50)).toBeCloseTo(0.25, 3);
      expect(softnessOf(z, codebook, Number.POSITIVE_INFINITY)).toBeCloseTo(0, 6);
    },
  );

  it('and gap go to nothing as sigma grows', () => {
    const { config, layout, weights } = startedTestProfile();
    const run = { ...config.run, crop: 32 };
    const probe = new Probe({ ...config, run }, layout, syntheticImages());
    const state = freshState(weights, 1);
    const at = (sigma: number) =>
      probe.measure(state.weights, {
        phase: 'mse',
        distortion: 'mse',
        learningRate: 0,
        clip: 1,
        sigma,
      });
    const [soft, hard] = [at(1), at(1e4)];
    expect(soft.offNearest).toBeGreaterThan(0.01);
    expect(hard.offNearest).toBeLessThan(soft.offNearest / 10);
    expect(Math.abs(hard.gap)).toBeLessThan(Math.abs(soft.gap) / 10);
    expect(soft.centers).toHaveLength(config.structure.centers);
  });
});
