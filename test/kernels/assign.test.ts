import { describe, expect, it } from 'vitest';
import { nearestVector } from '../../src/entropy/assign.js';
import { boundariesOf, nearestCenter } from '../../src/entropy/quantizer.js';
import { VECTOR_MAX } from '../../src/format/constants.js';
import type { Kernels } from '../../src/runtime/machine.js';
import { padLength } from '../../src/runtime/pack.js';
import { packCenters } from '../../src/runtime/pack-centers.js';
import { BUILDS } from '../support/kernels.js';
import { Random } from '../support/random.js';

interface AssignKernels extends Pick<Kernels, 'assignVectors'> {
  assignScalars(
    values: number,
    count: number,
    boundaries: number,
    boundaryCount: number,
    symbols: number,
  ): void;
}

const [A, B, C] = [1 << 16, 2 << 16, 3 << 16];

describe.each(BUILDS)('assignment to centers ($name)', ({ module }) => {
  const memory = new WebAssembly.Memory({ initial: 8 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as unknown as AssignKernels;

  function assignVectors(vectors: Int16Array, centers: Int16Array, d: number): number[] {
    const count = vectors.length / d;
    const padded = padLength(d);
    const rows = new Int16Array(memory.buffer, A, count * padded).fill(0);
    for (let i = 0; i < count; i++) rows.set(vectors.subarray(i * d, (i + 1) * d), i * padded);
    const packed = packCenters(centers, d);
    new Int16Array(memory.buffer, B, packed.length).set(packed);
    const blocks = packed.length / padded / 4;
    kernels.assignVectors(A, count, padded / 2, B, blocks, C);
    return [...new Uint16Array(memory.buffer, C, count)];
  }

  it.each([
    [1, 3],
    [2, 64],
    [3, 17],
    [4, 1000],
    [5, 1],
    [16, 33],
  ])('finds the nearest of vectors of %i dimensions among %i', (d, size) => {
    const random = new Random(d);
    for (const range of [2, 300, VECTOR_MAX]) {
      const draw = () => random.integer(-range, range);
      const centers = Int16Array.from({ length: size * d }, draw);
      const vectors = Int16Array.from({ length: 200 * d }, draw);
      const expected = Array.from({ length: 200 }, (_, i) =>
        nearestVector(vectors.subarray(i * d, (i + 1) * d), centers),
      );
      expect(assignVectors(vectors, centers, d)).toEqual(expected);
    }
  });

  it('reaches the largest distance without wrapping', () => {
    const d = 16;
    const far = new Int16Array(d).fill(-VECTOR_MAX);
    const centers = Int16Array.from({ length: 2 * d }, (_, i) => VECTOR_MAX - (i === d ? 1 : 0));
    expect(assignVectors(far, centers, d)).toEqual([1]);
  });

  it.each([1, 2, 4, 7, 100])('counts the boundaries below %i scalars', (count) => {
    const random = new Random(count);
    const centers = Int32Array.from({ length: 63 }, (_, k) => (k - 31) * 1024);
    const boundaries = boundariesOf(centers);
    const values = Int32Array.from({ length: count }, (_, i) =>
      i % 3 === 0 ? boundaries[random.integer(0, 61)]! : random.integer(-40000, 40000),
    );
    new Int32Array(memory.buffer, A, count).set(values);
    new Int32Array(memory.buffer, B, boundaries.length).set(boundaries);
    new Uint8Array(memory.buffer, C, count + 1).fill(0xa5);
    kernels.assignScalars(A, count, B, boundaries.length, C);
    const expected = Array.from(values, (z) => nearestCenter(z, boundaries));
    expect([...new Uint8Array(memory.buffer, C, count + 1)]).toEqual([...expected, 0xa5]);
  });
});
