import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/options.js';
import { compareTensors } from '../../src/cli/weights/compare.js';
import { runWeights } from '../../src/cli/weights/main.js';
import { readNetwork } from '../../src/cli/weights/read.js';
import { ByteWriter } from '../../src/format/writer.js';
import { writeHeader } from '../../src/weights/format/write-header.js';
import { fromRecord, type Tensor, type TensorData, toSafetensors } from '../../src/weights.js';

describe('compareTensors', () => {
  const compare = (a: TensorData, b: TensorData) =>
    compareTensors(fromRecord({ x: a }), fromRecord({ x: b }), (network) => [...network]);
  const floats = (...values: number[]) => Float32Array.from(values);

  it.each([
    ['numbers', floats(1, 2), floats(1, 2)],
    ['what is no number', floats(1, Number.NaN), floats(1, Number.NaN)],
    ['infinities', floats(1, -Infinity), floats(1, -Infinity)],
  ])('finds no difference where both have %s', (_, a, b) => {
    const { tensors, ...all } = compare(a, b);
    expect(all).toEqual({ identical: true, snr: null, elements: 2 });
    expect(tensors).toEqual([{ name: 'x', elements: 2, identical: true, relativeError: 0 }]);
  });

  it.each([
    ['what is no number', floats(1, 2), floats(Number.NaN, 2), Infinity, -Infinity],
    ['an infinity', floats(1, 2), floats(1, Infinity), Infinity, -Infinity],
    [
      'another number, beside infinities',
      floats(3, 4, Infinity),
      floats(3, 4.5, Infinity),
      0.1,
      20,
    ],
    ['numbers for zeros', floats(0, 0), floats(0, 1), null, null],
    ['the other zero', floats(0, 1), floats(-0, 1), 0, null],
    ['a type of its own', Int8Array.of(1), Uint8Array.of(1), 0, null],
    [
      'a large integer',
      BigInt64Array.of(2n ** 60n),
      BigInt64Array.of(2n ** 60n + 1n),
      2 ** -60,
      null,
    ],
  ])('tells of %s', (_, a, b, error, snr) => {
    const { tensors, ...all } = compare(a, b);
    expect(tensors[0]).toMatchObject({ identical: false, relativeError: error });
    expect(all).toEqual({ identical: false, snr, elements: a.length });
  });

  it.each([
    // Sign, exponent and mantissa of 3 and 4, and of 3 and 4.5.
    ['float16', [0x4200, 0x4400], [0x4200, 0x4480]],
    ['bfloat16', [0x4040, 0x4080], [0x4040, 0x4090]],
  ] as const)('takes a %s for the number that it is', (dtype, a, b) => {
    const network = (halves: readonly number[]): Tensor[] => [
      { name: 'x', shape: [2], dtype, data: Uint16Array.from(halves) },
    ];
    const { tensors, snr } = compareTensors(network(a), network(b), (all) => [...all]);
    expect(tensors[0]).toMatchObject({ identical: false, relativeError: 0.1 });
    expect(snr).toBe(20);
  });
});

describe('shvq weights', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shvq-weights-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const place = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const tensors = fromRecord({ x: Float32Array.of(1, 2) });

  it('reads a safetensors file whose first byte is a brace', async () => {
    const json = JSON.stringify({ x: { dtype: 'I8', shape: [1], data_offsets: [0, 1] } });
    const bytes = new Uint8Array(8 + 123 + 1);
    bytes[0] = 123;
    bytes.set(new TextEncoder().encode(json.padEnd(123)), 8);
    const network = await readNetwork(place('brace.safetensors', bytes));
    expect(network.tensors).toMatchObject([{ name: 'x', dtype: 'int8' }]);
  });

  it('has no limits but the host’s', async () => {
    // Of its 1.2 GB none are there, which is found out once the memory is granted.
    const big = { storage: 'planes', name: 'x', dtype: 'float32', shape: [3e8], raw: 4 } as const;
    const { bytes, checksum } = writeHeader({ metadata: '', tensors: [big], blocks: [1] });
    const out = new ByteWriter();
    out.bytes(bytes);
    out.varint(0);
    out.u32(checksum);
    await expect(readNetwork(place('big.shvw', out.finish()))).rejects.toMatchObject({
      code: 'CORRUPT',
      tensor: 'x',
    });
  });

  it('does not write over what it reads', async () => {
    const bytes = toSafetensors(tensors);
    const path = place('a.safetensors', bytes);
    for (const command of [['compress', '--lossless'], ['decompress']]) {
      await expect(runWeights([...command, path, path])).rejects.toThrow(UsageError);
    }
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  });
});
