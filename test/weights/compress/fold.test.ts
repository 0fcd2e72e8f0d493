import { describe, expect, it } from 'vitest';
import { foldNormalizations, fromRecord, type Layer } from '../../../src/weights.js';

const VARIANCE = 0.001;
const bn = (name: string) =>
  fromRecord({
    [`${name}/gamma`]: Float32Array.of(1),
    [`${name}/beta`]: Float32Array.of(0),
    [`${name}/moving_mean`]: Float32Array.of(0),
    [`${name}/moving_variance`]: Float32Array.of(VARIANCE),
  });
const tensors = [...bn('a'), ...bn('b'), ...bn('c')];

const normal = (name: string, epsilon: number) => ({
  class_name: 'BatchNormalization',
  config: { name, epsilon },
});
const metadata = JSON.stringify({
  tfjs: {
    modelTopology: {
      class_name: 'Sequential',
      // One of them in a model within the model, and neither behind a layer with weights.
      config: { layers: [normal('a', 0.01), { config: { layers: [normal('b', 0.02)] } }] },
    },
  },
});
/** Of weights that are too few to be placed. */
const layer: Layer = {
  weights: 'kernel',
  outputs: 'last',
  normalization: {
    scale: 'b/gamma',
    shift: 'b/beta',
    mean: 'b/moving_mean',
    variance: 'b/moving_variance',
    epsilon: 0.03,
  },
};

describe('foldNormalizations', () => {
  it.each([
    ['nothing', {}, [0.001, 0.001, 0.001]],
    ['an epsilon', { epsilon: 0.04 }, [0.04, 0.04, 0.04]],
    ['a topology', { metadata }, [0.01, 0.02, 0.001]],
    ['a topology, and an epsilon for the rest', { metadata, epsilon: 0.04 }, [0.01, 0.02, 0.04]],
    ['layers, not placed', { layers: [layer], epsilon: 0.04 }, [0.04, 0.03, 0.04]],
  ])('adds to variances what is told by %s', (_, options, epsilons) => {
    const folded = foldNormalizations(tensors, options);
    const scales = folded.filter(({ name }) => name.endsWith('/gamma'));
    for (const [i, { data }] of scales.entries()) {
      expect(data[0]).toBeCloseTo(1 / Math.sqrt(VARIANCE + epsilons[i]!), 3);
    }
  });
});
