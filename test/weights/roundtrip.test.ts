import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/format/limits.js';
import { readStored, readWeights } from '../../src/weights/decode/file.js';
import { DTYPES, sizeOf } from '../../src/weights/dtypes.js';
import { writeWeights } from '../../src/weights/format/write.js';
import type { StoredTensor } from '../../src/weights/types.js';
import { Random } from '../support/random.js';

const random = new Random(6);

const SHAPES = [
  [],
  [0],
  [1],
  [7],
  [3, 0, 2],
  [5, 9],
  [300],
  [4, 3, 3, 3],
  [2, 3, 4, 5, 6],
  [1, 1000],
];

function lossless(name: string, shape: number[], n: number): StoredTensor {
  const { array, bytes, dtype, range } = DTYPES[n]!;
  const size = sizeOf(shape);
  const data = new array(random.bytes(size * bytes).buffer as ArrayBuffer);
  const modulus = dtype === 'bool' ? 2 : 20;
  if (range && n % 2 === 0) for (let i = 0; i < size; i++) (data as Int32Array)[i]! %= modulus;
  return { mode: 'lossless', name, shape, dtype, data };
}

function quantized(name: string, shape: number[], n: number): StoredTensor {
  const size = sizeOf(shape);
  if (n === 0) {
    const indices = Int32Array.from({ length: size }, () => Math.round(random.normal() * 5));
    return {
      mode: 'quantized',
      name,
      shape,
      codebook: { kind: 'uniform', step: 0.125 },
      axis: 0,
      indices,
    };
  }
  if (n === 1) {
    const points = Int32Array.of(-300, -20, 1, 17, 400);
    const indices = Int32Array.from({ length: size }, () => random.integer(0, 4));
    return {
      mode: 'quantized',
      name,
      shape,
      codebook: { kind: 'scalar', step: 0.5, points },
      axis: 0,
      indices,
    };
  }
  const axis = random.integer(0, shape.length - 1);
  const dimensions = random.integer(2, 4);
  const inner = shape.map((side, i) => (i === axis ? Math.ceil(side / dimensions) : side));
  const points = Int32Array.from({ length: 20 * dimensions }, () => random.integer(-99, 99));
  const indices = Int32Array.from({ length: sizeOf(inner) }, () => random.integer(0, 19));
  return {
    mode: 'quantized',
    name,
    shape,
    codebook: { kind: 'vector', step: 0.5, dimensions, points },
    axis,
    indices,
  };
}

describe('a weights file', () => {
  it('gives back every type and shape', () => {
    const tensors: StoredTensor[] = [];
    for (const [i, shape] of SHAPES.entries()) {
      for (const n of DTYPES.keys()) tensors.push(lossless(`${i}/${n}`, shape, n));
      for (const n of [0, 1, 2].slice(0, shape.length > 0 ? 3 : 2)) {
        tensors.push(quantized(`${i}/q${n}`, shape, n));
      }
    }
    const file = { metadata: '{"a": "é"}', tensors };
    for (const blockElements of [0, 1000, undefined]) {
      const bytes = writeWeights(file, { blockElements });
      expect(readStored(bytes, DEFAULT_LIMITS)).toEqual(file);
      const { tensors: read } = readWeights(bytes, DEFAULT_LIMITS);
      for (const [i, stored] of tensors.entries()) {
        const { name, shape } = stored;
        expect(read[i]).toMatchObject({ name, shape });
        expect(read[i]!.data.length).toBe(sizeOf(shape));
        if (stored.mode === 'lossless') expect(read[i]!.data).toEqual(stored.data);
      }
    }
  });
});
