import { describe, expect, it } from 'vitest';
import { fromTfjs } from '../../../src/weights.js';

const modelOf = (...weights: unknown[]) => ({
  modelTopology: {},
  weightsManifest: [{ paths: ['shard'], weights }],
});

describe('fromTfjs', () => {
  it('makes integers of codes without a detour through float32', () => {
    const quantization = { dtype: 'uint16', scale: 1, min: 2 ** 24 + 1 };
    const model = modelOf({ name: 'a', shape: [2], dtype: 'int32', quantization });
    const [tensor] = fromTfjs(model, [Uint8Array.of(0, 0, 1, 0)]).tensors;
    expect(tensor!.data).toEqual(Int32Array.of(2 ** 24 + 1, 2 ** 24 + 2));
  });

  it('leaves the state of an optimizer out', () => {
    const model = modelOf(
      { name: 'step', shape: [], dtype: 'int32', group: 'optimizer' },
      { name: 'a', shape: [1], dtype: 'bool' },
    );
    expect(fromTfjs(model, [Uint8Array.of(7, 0, 0, 0, 1)]).tensors).toEqual([
      { name: 'a', shape: [1], dtype: 'bool', data: Uint8Array.of(1) },
    ]);
  });

  const quantized = (dtype: string) => ({
    ...{ name: 'a', shape: [1], dtype: 'float32' },
    quantization: { dtype, scale: 1, min: 1 },
  });
  it.each([
    ['a weight that is null', null, 'BAD_MAGIC'],
    ['a weight without a name', { shape: [1], dtype: 'float32' }, 'BAD_MAGIC'],
    ['no type', { name: 'a', shape: [1], dtype: 'constructor' }, 'UNSUPPORTED'],
    ['codes of another type', quantized('int64'), 'UNSUPPORTED'],
    ['codes of no type', quantized('constructor'), 'UNSUPPORTED'],
  ])('refuses %s', (_, weight, code) => {
    expect(() => fromTfjs(modelOf(weight), [new Uint8Array(8)])).toThrow(
      expect.objectContaining({ name: 'ShvqError', code }),
    );
  });
});
