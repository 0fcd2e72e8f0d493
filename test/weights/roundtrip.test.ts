import { describe, expect, it } from 'vitest';
import { BitWriter } from '../../src/entropy/bit-writer.js';
import { RangeEncoder } from '../../src/entropy/range-encoder.js';
import { crc32c } from '../../src/format/crc32c.js';
import { DEFAULT_LIMITS } from '../../src/format/limits.js';
import { ByteWriter } from '../../src/format/writer.js';
import { codeElements } from '../../src/weights/coder/block.js';
import { CONTEXTS } from '../../src/weights/coder/contexts.js';
import { WeightsDecoder } from '../../src/weights/decode/decoder.js';
import { readStored, readWeights } from '../../src/weights/decode/file.js';
import { DTYPES, sizeOf } from '../../src/weights/dtypes.js';
import type { TensorEntry } from '../../src/weights/format/header.js';
import { writeWeights } from '../../src/weights/format/write.js';
import { writeHeader } from '../../src/weights/format/write-header.js';
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

/** A file of one tensor, as another writer may make it. */
function fileOf(entry: TensorEntry, elements: Int32Array): Uint8Array {
  const header = writeHeader({ metadata: '', tensors: [entry], blocks: [1] });
  const coder = new RangeEncoder();
  codeElements(new BitWriter(coder, CONTEXTS), entry, elements);
  const code = coder.finish();
  const out = new ByteWriter();
  out.bytes(header.bytes);
  out.varint(code.length);
  out.u32(crc32c(code, header.checksum));
  out.bytes(code);
  return out.finish();
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

  it('keeps integers that are small, and yet far from each other or from most', () => {
    for (const values of [
      [2 ** 29, 0, 0, 0],
      [-(2 ** 29), 1, 1, 1],
      [4e8, 4e8, 4e8, 4e8, 4e8, 4e8, 4e8, -4e8],
    ]) {
      const data = Int32Array.from(values);
      const shape = [data.length];
      const tensor = { mode: 'lossless', name: 'x', shape, dtype: 'int32', data } as const;
      const one = writeWeights({ metadata: '', tensors: [tensor] });
      expect(readWeights(one, DEFAULT_LIMITS).tensors[0]!.data).toEqual(data);
    }
  });

  it('reads integers of any size that another writer codes as a sequence', () => {
    const coding = { axes: [0], period: 1, lags: [], rate: 0, shift: 16 };
    const entry = {
      name: 'x',
      dtype: 'int32',
      shape: [2],
      coding,
      base: 2 ** 30,
      scale: 0,
    } as const;
    const file = fileOf({ ...entry, storage: 'sequence' }, Int32Array.of(7e8, -1));
    for (const engine of WEIGHTS_ENGINES) {
      const { data } = readWeights(file, DEFAULT_LIMITS, engine).tensors[0]!;
      expect(data).toEqual(Int32Array.of(2 ** 30 + 7e8, 2 ** 30 - 1));
    }
  });

  it('gives no index beyond its codebook, to whoever asks', () => {
    const coding = { axes: [0], period: 1, lags: [], rate: 0, shift: 0 };
    const entry = { name: 'x', dtype: 'float32', shape: [2], axis: 0, coding, scale: 0 } as const;
    const points = Int32Array.of(-1, 0, 1);
    const codebooks = [
      { kind: 'scalar', step: 1, points },
      { kind: 'vector', step: 1, dimensions: 2, points: Int32Array.of(0, 0, 1, 1) },
      { kind: 'uniform', step: 1 },
    ] as const;
    for (const codebook of codebooks) {
      const base = codebook.kind === 'scalar' ? 1 : 0;
      const shape = codebook.kind === 'vector' ? [4] : [2];
      const stored = { ...entry, shape, codebook, base, storage: 'quantized' } as const;
      const file = fileOf(stored, Int32Array.of(codebook.kind === 'uniform' ? 2 ** 24 : 2, 0));
      const corrupt = expect.objectContaining({ code: 'CORRUPT', tensor: 'x' });
      expect(() => readWeights(file, DEFAULT_LIMITS)).toThrow(corrupt);
      expect(() => readStored(file, DEFAULT_LIMITS)).toThrow(corrupt);
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

  it('ends the stream when tensors are given up before the first', async () => {
    const stream = new Blob([Uint8Array.from(bytes)]).stream();
    const weights = await new WeightsDecoder({ wasm: 'plain' }).stream(stream);
    await weights[Symbol.asyncIterator]().return?.();
    expect(stream.locked).toBe(false);
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
