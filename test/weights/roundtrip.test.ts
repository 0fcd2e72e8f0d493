import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/format/limits.js';
import { WeightsDecoder } from '../../src/weights/decode/decoder.js';
import { readStored, readWeights } from '../../src/weights/decode/file.js';
import { DTYPES, sizeOf } from '../../src/weights/dtypes.js';
import { writeWeights } from '../../src/weights/format/write.js';
import type { StoredTensor } from '../../src/weights/types.js';
import { Random } from '../support/random.js';
import { losslessTensor, quantizedTensor } from '../support/tensors.js';
import { hashTensors, WEIGHTS_ENGINES } from '../support/weights.js';

const random = new Random(6);

/** Scalars, empty tensors, five axes, kernels last, first and between. */
const SHAPES = [
  ...[[], [0], [1], [7], [300], [3, 0, 2], [5, 9], [1, 1000], [40, 30]],
  ...[
    [8, 7, 3, 3],
    [3, 3, 7, 8],
    [2, 3, 4, 5, 6],
  ],
];

function everyKind(): StoredTensor[] {
  return SHAPES.flatMap((shape, i) => [
    ...DTYPES.map((_, type) => losslessTensor(random, `${i}/${type}`, shape, type)),
    quantizedTensor(random, `${i}/uniform`, shape, 'uniform'),
    quantizedTensor(random, `${i}/scalar`, shape, 'scalar'),
    ...(shape.length > 0 ? [quantizedTensor(random, `${i}/vector`, shape, 'vector')] : []),
  ]);
}

describe('a weights file', () => {
  const file = { metadata: '{"a": "é"}', tensors: everyKind() };
  const bytes = writeWeights(file);

  it('keeps integers up to the largest that it codes as such, and beyond', () => {
    for (const largest of [2 ** 26, 2 ** 28, 2 ** 29 - 1, 2 ** 31 - 1]) {
      const data = Int32Array.from({ length: 40 }, () => random.integer(-largest, largest));
      const tensor = { mode: 'lossless', name: 'x', shape: [40], dtype: 'int32', data } as const;
      const one = writeWeights({ metadata: '', tensors: [tensor] });
      expect(readWeights(one, DEFAULT_LIMITS).tensors[0]!.data).toEqual(data);
    }
  });

  it('gives back every type and shape', () => {
    expect(readStored(bytes, DEFAULT_LIMITS)).toEqual(file);
    const { tensors } = readWeights(bytes, DEFAULT_LIMITS);
    for (const [i, stored] of file.tensors.entries()) {
      const { name, shape } = stored;
      expect(tensors[i]).toMatchObject({ name, shape });
      expect(tensors[i]!.data.length).toBe(sizeOf(shape));
      if (stored.mode === 'lossless') expect(tensors[i]!.data).toEqual(stored.data);
      else if (stored.codebook.kind === 'uniform') {
        const { step } = stored.codebook;
        expect(tensors[i]!.data).toEqual(Float32Array.from(stored.indices, (q) => q * step));
      }
    }
  });

  it('gives the same bits on every engine', () => {
    const hashes = WEIGHTS_ENGINES.map((engine) =>
      hashTensors(readWeights(bytes, DEFAULT_LIMITS, engine).tensors),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  it('arrives tensor by tensor, each before the bytes that follow its block', async () => {
    const small = writeWeights(file, { blockElements: 0 });
    const expected = hashTensors(readWeights(bytes, DEFAULT_LIMITS).tensors);
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(small.subarray(sent, sent + 100));
        sent += 100;
        if (sent >= small.length) controller.close();
      },
    });
    const weights = await new WeightsDecoder({ wasm: 'plain' }).stream(stream);
    expect(weights).toMatchObject({ metadata: file.metadata, count: file.tensors.length });
    const tensors = [];
    let early = 0;
    for await (const tensor of weights) {
      tensors.push(tensor);
      if (sent < small.length / 2) early++;
    }
    expect(early).toBeGreaterThan(10);
    expect(hashTensors(tensors)).toBe(expected);
  });

  it('keeps 100,000 names', () => {
    const tensors = Array.from({ length: 1e5 }, (_, i) => ({
      ...({ mode: 'lossless', dtype: 'uint8', shape: [] } as const),
      name: `block.${i >> 4}.layer.${i & 15}.bias`,
      data: Uint8Array.of(i & 3),
    }));
    const many = writeWeights({ metadata: '', tensors });
    expect(many.length).toBeLessThan(2e5);
    const read = readWeights(many, DEFAULT_LIMITS, WEIGHTS_ENGINES[0]);
    expect(read.tensors.map(({ name }) => name)).toEqual(tensors.map(({ name }) => name));
    expect(read.tensors.map(({ data }) => data[0])).toEqual(tensors.map(({ data }) => data[0]));
  });
});
