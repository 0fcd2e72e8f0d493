import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/format/crc32c.js';
import { buildDecoderModel, parseDecoderModel, parseEncoderModel } from '../../src/model/build.js';
import { decoderTensors, encoderTensors } from '../../src/model/serialize.js';
import { sha256 } from '../../src/model/sha256.js';
import { parseTensors, serializeTensors } from '../../src/model/tensors.js';
import { writeWeights } from '../../src/weights/format/write.js';
import { syntheticModel, TORTURE } from '../support/models.js';
import { Random } from '../support/random.js';

const { decoder, encoder } = syntheticModel(3);
const file = decoderTensors(decoder);
const bytes = serializeTensors(file);
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
