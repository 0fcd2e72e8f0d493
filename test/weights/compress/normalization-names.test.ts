import { describe, expect, it } from 'vitest';
import type { NamedTensors } from '../../../src/weights/compress/network.js';
import { normalizationsByName } from '../../../src/weights/compress/normalization-names.js';

const named = (vectors: Record<string, number[]>): NamedTensors =>
  new Map(
    Object.entries(vectors).map(([name, data]) => [
      name,
      { shape: [data.length], data: Float32Array.from(data) },
    ]),
  );

const pytorch = {
  'a.bn.weight': [1, 2],
  'a.bn.bias': [3, 4],
  'a.bn.running_mean': [5, 6],
  'a.bn.running_var': [7, 8],
};
const keras = {
  'bn_1/gamma': [1, 2],
  'bn_1/beta': [3, 4],
  'bn_1/moving_mean': [5, 6],
  'bn_1/moving_variance': [7, 8],
};

describe('normalizationsByName', () => {
  it('knows the names of PyTorch and of Keras, and what each adds to variances', () => {
    expect(normalizationsByName(named({ ...pytorch, other: [1], ...keras }), new Map())).toEqual([
      {
        scale: 'a.bn.weight',
        shift: 'a.bn.bias',
        mean: 'a.bn.running_mean',
        variance: 'a.bn.running_var',
        epsilon: 1e-5,
      },
      {
        scale: 'bn_1/gamma',
        shift: 'bn_1/beta',
        mean: 'bn_1/moving_mean',
        variance: 'bn_1/moving_variance',
        epsilon: 1e-3,
      },
    ]);
  });

  it('takes another epsilon from who knows it', () => {
    const tensors = named({ ...pytorch, ...keras });
    const [a, b] = normalizationsByName(tensors, new Map(), 0.01);
    expect([a?.epsilon, b?.epsilon]).toEqual([0.01, 0.01]);
    const told = new Map([['bn_1/moving_variance', 1e-6]]);
    const [c, d] = normalizationsByName(tensors, told, 0.01);
    expect([c?.epsilon, d?.epsilon]).toEqual([0.01, 1e-6]);
  });

  it.each([
    ['a part is missing', { 'a.bn.bias': undefined }],
    ['sizes differ', { 'a.bn.running_mean': [5, 6, 7] }],
    ['a number is not finite', { 'a.bn.weight': [1, NaN] }],
    ['a variance is negative', { 'a.bn.running_var': [7, -1] }],
  ])('leaves vectors alone where %s', (_, change) => {
    const vectors: Record<string, number[] | undefined> = { ...pytorch, ...change };
    const there = Object.entries(vectors).filter(([, data]) => data) as [string, number[]][];
    expect(normalizationsByName(named(Object.fromEntries(there)), new Map())).toEqual([]);
  });
});
