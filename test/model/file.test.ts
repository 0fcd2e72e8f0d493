import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../src/decode.js';
import { createEncoder } from '../../src/encode.js';
import { crc32c } from '../../src/format/crc32c.js';
import { buildDecoderModel, parseDecoderModel, parseEncoderModel } from '../../src/model/build.js';
import { decoderTensors, encoderTensors } from '../../src/model/serialize.js';
import { sha256 } from '../../src/model/sha256.js';
import { stepsName } from '../../src/model/steps.js';
import { parseTensors, serializeTensors } from '../../src/model/tensors.js';
import { REFERENCE } from '../../src/weights/decode/reference.js';
import { wasmEngine } from '../../src/weights/decode/wasm.js';
import { writeWeights } from '../../src/weights/format/write.js';
import { failure, MODEL } from '../support/codec.js';
import { syntheticModel, TORTURE } from '../support/models.js';
import { paint } from '../support/pictures.js';
import { Random } from '../support/random.js';

const { decoder, encoder } = syntheticModel(3);
const file = decoderTensors(decoder);
const bytes = serializeTensors(file);
const engine = (build: 'simd' | 'plain') =>
  wasmEngine(build, new WebAssembly.Module(readFileSync(`build/weights-${build}.wasm`)));
const code = (wanted: string) => expect.objectContaining({ code: wanted });

describe('model files', () => {
  it('give the same model back', () => {
    expect(parseDecoderModel(bytes)).toEqual(decoder);
    expect(parseEncoderModel(serializeTensors(encoderTensors(encoder)))).toEqual(encoder);
  });

  it('have an id that does not depend on how tensors are stored', () => {
    const wide = file.tensors.map((tensor) => ({ ...tensor, data: Int32Array.from(tensor.data) }));
    const other = parseTensors(serializeTensors({ ...file, tensors: wide }));
    expect(() => buildDecoderModel(other)).toThrowError(code('BAD_MODEL'));
    const narrow = file.tensors.map((tensor) =>
      tensor.data.every((x) => x >= -128 && x < 128)
        ? { ...tensor, data: Int8Array.from(tensor.data) }
        : tensor,
    );
    expect(narrow.some(({ data }) => data instanceof Int8Array)).toBe(true);
    expect(buildDecoderModel({ ...file, tensors: narrow }).id).toBe(decoder.id);
  });

  it('may be compressed: with another file, the same model', () => {
    const compressed = writeWeights({
      metadata: file.structure,
      tensors: file.tensors.map(({ name, shape, data }) => {
        if (!(data instanceof Int16Array)) {
          return { mode: 'lossless', name, shape, dtype: 'int32', data: Int32Array.from(data) };
        }
        const codebook = { kind: 'uniform', step: 1 } as const;
        return {
          mode: 'quantized',
          name,
          shape,
          axis: 0,
          codebook,
          indices: Int32Array.from(data),
        };
      }),
    });
    expect(compressed.length).toBeLessThan(bytes.length);
    expect(parseDecoderModel(compressed)).toEqual(decoder);
    const empty = writeWeights({ metadata: '{}', tensors: [] });
    expect(() => parseDecoderModel(empty)).toThrowError(code('BAD_MODEL'));
  });

  describe('with steps', () => {
    const name = 'synthesis.trunk.1.first.weights';
    const weights = file.tensors.find((tensor) => tensor.name === name)!;
    const [rows, , , columns] = weights.shape as [number, number, number, number];
    const random = new Random(8);
    const draw = (length: number, low: number, high: number) =>
      Int16Array.from({ length }, () => random.integer(low, high));
    /** The model with small weights in one layer, and what multiplies them. */
    const stored = (data: Int16Array, steps: readonly [number[], Int16Array][]) =>
      writeWeights({
        metadata: file.structure,
        tensors: [
          ...file.tensors.map(
            (tensor) =>
              ({
                ...(tensor.name === name ? { ...tensor, data } : tensor),
                mode: 'lossless',
                dtype: tensor.data instanceof Int16Array ? 'int16' : 'int32',
              }) as const,
          ),
          ...steps.map(
            ([shape, data], k) =>
              ({
                name: stepsName(name, k),
                shape,
                data,
                mode: 'lossless',
                dtype: 'int16',
              }) as const,
          ),
        ],
      });
    const indices = draw(weights.data.length, -9, 9);

    it('have each weight multiplied by the power of two of its steps', () => {
      const byRow = draw(rows, 0, 700);
      const byColumn = draw(3 * columns, 0, 256);
      const bytes = stored(indices, [
        [[rows, 1, 1, 1], byRow],
        [[1, 1, 3, columns], byColumn],
      ]);
      const layer = parseDecoderModel(bytes).synthesis.trunk[1];
      if (layer?.op !== 'residual') throw new Error('The synthetic model has another layer there');
      layer.first.weights.forEach((weight, n) => {
        const row = Math.floor(n / (9 * columns));
        const octaves = byRow[row]! + byColumn[n % (3 * columns)]!;
        // The table has 14 bits: half a unit of 2^-14 a unit of the index, and the rounding.
        const ideal = indices[n]! * 2 ** (octaves / 256);
        expect(Math.abs(weight - ideal)).toBeLessThanOrEqual(0.5 + Math.abs(ideal) * 2 ** -14);
      });
      const all = [REFERENCE, engine('simd'), engine('plain')].map((by) =>
        parseDecoderModel(bytes, by),
      );
      for (const model of all) expect(model).toEqual(all[0]);
      expect(buildDecoderModel(decoderTensors(all[0]!)).id).toBe(all[0]!.id);
    });

    it.each([
      ['of another rank', [[rows], draw(rows, 0, 9)]],
      ['of another side', [[1, 1, 1, columns + 1], draw(columns + 1, 0, 9)]],
      ['below zero', [[1, 1, 1, 1], Int16Array.of(-1)]],
      ['too large', [[1, 1, 1, 1], Int16Array.of(3840)]],
      ['that give more than 16 bits', [[1, 1, 1, 1], Int16Array.of(3839)]],
    ] as const)('are refused with steps %s', (_, [shape, data]) => {
      expect(() => parseDecoderModel(stored(indices, [[[...shape], data]]))).toThrowError(
        code('BAD_MODEL'),
      );
    });
  });

  it('give the same pixels compressed, whatever decodes them', async () => {
    const compressed = writeWeights({
      metadata: file.structure,
      tensors: file.tensors.map((tensor) => ({
        ...tensor,
        mode: 'lossless',
        dtype: tensor.data instanceof Int16Array ? 'int16' : 'int32',
      })),
    });
    const image = paint(40, 24, (x, y, c) => (7 * x + 5 * y + 40 * c) % 256);
    const shv = await createEncoder({ model: { decoder, encoder } }).encode(image, { effort: 1 });
    const pixels = await createDecoder({ model: decoder }).decode(shv);
    for (const wasm of ['simd', 'plain', 'reference'] as const) {
      expect(await createDecoder({ model: compressed, wasm }).decode(shv)).toEqual(pixels);
    }
    // A host that compiles nothing but hands in the kernels: its models come by the reference.
    const kernels = new WebAssembly.Module(readFileSync('build/simd.wasm'));
    const { compile } = WebAssembly;
    WebAssembly.compile = () => Promise.reject(new Error('not here'));
    try {
      const given = createDecoder({ model: compressed, wasm: kernels });
      expect(await given.decode(shv)).toEqual(pixels);
    } finally {
      WebAssembly.compile = compile;
    }
  });

  it('are refused at every byte that is cut or changed', () => {
    const random = new Random(4);
    for (let n = 0; n < 300; n++) {
      const length = random.integer(0, bytes.length - 1);
      expect(() => parseDecoderModel(bytes.subarray(0, length))).toThrowError(code('TRUNCATED'));
    }
    for (let n = 0; n < 300; n++) {
      const broken = bytes.slice();
      const at = random.integer(0, bytes.length - 1);
      broken[at]! ^= 1 << random.integer(0, 7);
      expect(() => parseDecoderModel(broken), `byte ${at}`).toThrowError(
        expect.objectContaining({ name: 'ShvqError' }),
      );
    }
  });

  it('are refused where an accumulator could overflow', () => {
    const tensors = file.tensors.map((tensor) =>
      tensor.name === 'synthesis.trunk.1.first.weights'
        ? { ...tensor, data: Int16Array.from(tensor.data, () => 32767) }
        : tensor,
    );
    expect(() => buildDecoderModel({ ...file, tensors })).toThrowError(/trunk\.1\.first.*overflow/);
  });

  it('may use the accumulators to the full', () => {
    expect(() => syntheticModel(5, TORTURE)).not.toThrow();
  });

  it.each([
    ['a stride that divides no tile', '"stride":16', '"stride":24', /stride of 24/],
    [
      'a synthesis that shrinks',
      '],"shortcut"',
      ',{"op":"spaceToDepth","block":2},{"op":"depthToSpace","block":2}],"shortcut"',
      /smaller/,
    ],
    ['text that is no UTF-8', '', '', /UTF-8/],
  ])('are refused with %s', (_, before, after, message) => {
    const structure = file.structure.replace(before, after);
    if (before) {
      expect(structure).not.toBe(file.structure);
      expect(() => buildDecoderModel({ ...file, structure })).toThrowError(message);
      return;
    }
    const broken = serializeTensors({ ...file, structure: 'ab' });
    expect(broken.indexOf(0x61)).toBe(5);
    broken[5] = 0xff;
    expect(() => parseTensors(broken)).toThrowError(message);
  });

  it('are refused where the encoder has another latent', async () => {
    const encoder = { ...MODEL.encoder, latent: { ...MODEL.encoder.latent, channels: 8 } };
    const work = createEncoder({ model: { decoder: MODEL.decoder, encoder } }).load();
    await failure(work, 'BAD_MODEL');
  });

  it('are refused with a layer of another shape', () => {
    const structure = file.structure.replace('"inputs":16,"outputs":8', '"inputs":8,"outputs":16');
    expect(() => buildDecoderModel({ ...file, structure })).toThrowError(code('BAD_MODEL'));
  });
});

describe('checksums', () => {
  it('sha256 equals another implementation', () => {
    const random = new Random(6);
    for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
      const data = random.bytes(length);
      expect(sha256(data)).toBe(createHash('sha256').update(data).digest('hex'));
    }
  });

  it('crc32c gives the check value of RFC 3720', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });
});
