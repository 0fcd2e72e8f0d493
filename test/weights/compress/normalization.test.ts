import { describe, expect, it } from 'vitest';
import {
  foldNormalization,
  type NormalizedLayer,
} from '../../../src/weights/compress/normalization.js';
import { Random } from '../../support/random.js';

const COLUMNS = 4;
const OUTPUTS = 3;
const parts = { shift: 'shift', mean: 'mean', variance: 'variance', epsilon: 0.01 };

describe('foldNormalization', () => {
  it.each([
    [{ normalization: { ...parts, scale: 'scale' } }],
    [{ normalization: parts }],
    [{ bias: 'bias', normalization: { ...parts, scale: 'scale' } }],
    [{ bias: 'bias', normalization: parts }],
  ])('changes no output of %j', (described) => {
    const random = new Random(7);
    const layer: NormalizedLayer = { weights: 'weights', outputs: 'first', ...described };
    const { bias, normalization } = layer;
    const positive = () => Float32Array.from({ length: OUTPUTS }, () => 0.5 + random.uniform());
    const tensors = new Map(
      ['bias', 'scale', 'shift', 'mean', 'variance'].map((name) => [
        name,
        { shape: [OUTPUTS], data: positive() },
      ]),
    );
    const weights = Float64Array.from({ length: OUTPUTS * COLUMNS }, () => random.normal());
    const inputs = Float64Array.from({ length: COLUMNS }, () => random.normal());
    const outputs = (): number[] =>
      Array.from({ length: OUTPUTS }, (_, o) => {
        const get = (name: string) => tensors.get(name)!.data[o]!;
        const products = inputs.map((x, c) => x * weights[o * COLUMNS + c]!);
        const sum = products.reduce((a, b) => a + b, bias === undefined ? 0 : get(bias));
        const normal = (sum - get('mean')) / Math.sqrt(get('variance') + 0.01);
        const { scale } = normalization;
        return normal * (scale === undefined ? 1 : get(scale)) + get('shift');
      });
    const before = outputs();
    foldNormalization(tensors, layer, weights, OUTPUTS);
    for (const [o, y] of outputs().entries()) expect(y).toBeCloseTo(before[o]!, 5);
    expect([...tensors.get('mean')!.data]).toEqual([0, 0, 0]);
    if (bias !== undefined) expect([...tensors.get(bias)!.data]).toEqual([0, 0, 0]);
    if (normalization.scale) expect([...tensors.get('scale')!.data]).toEqual([1, 1, 1]);
  });
});
