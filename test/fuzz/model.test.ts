import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/format/crc32c.js';
import { ShvqError } from '../../src/format/errors.js';
import { shortId } from '../../src/format/model-id.js';
import { parseDecoderModel } from '../../src/model/build.js';
import type { DecoderModel } from '../../src/model/layers.js';
import { decoderTensors } from '../../src/model/serialize.js';
import { parseTensors, serializeTensors } from '../../src/model/tensors.js';
import { expectSameBytes, MODEL, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { Counter, mutate, repair } from '../support/mutate.js';
import { scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

const MUTANTS = 3000;
const random = new Random(9);
const original = serializeTensors(decoderTensors(MODEL.decoder));
const file = await tinyEncoder().encode(scene(20, 40));

/** Changes the structure's text or a tensor's elements, and makes the checksums right. */
function mutateContent(): Uint8Array {
  const { structure, tensors } = parseTensors(original);
  if (random.integer(0, 1)) {
    const { data } = tensors[random.integer(0, tensors.length - 1)]!;
    for (let n = random.integer(1, 4); n > 0; n--) {
      data[random.integer(0, data.length - 1)] = random.u32() >> random.integer(0, 31);
    }
    return serializeTensors({ structure, tensors });
  }
  const numbers = [...structure.matchAll(/-?\d+/g)];
  const { 0: old, index } = numbers[random.integer(0, numbers.length - 1)]!;
  const value = [0, 1, -1, 2, 3, 15, 16, 17, 40, 1e9, 0.5][random.integer(0, 10)]!;
  const text = structure.slice(0, index) + value + structure.slice(index + old.length);
  return serializeTensors({ structure: text, tensors });
}

/** A picture file that asks for a model. */
function fileFor(model: DecoderModel): Uint8Array {
  const bytes = file.slice();
  bytes.set(Buffer.from(shortId(model.id), 'hex'), 6);
  repair(bytes);
  return bytes;
}

describe('3,000 damaged model files', () => {
  it('end in a ShvqError or in a model that decodes', async () => {
    const codes = new Counter();
    for (let n = 0; n < MUTANTS; n++) {
      const bytes = n % 3 ? mutateContent() : mutate(random, original, original);
      try {
        const model = parseDecoderModel(bytes);
        const image = await tinyDecoder({ model, wasm: 'plain' }).decode(fileFor(model));
        expect(image.data).toHaveLength(20 * 40 * 4);
        if (n % 60 === 1) {
          const reference = tinyDecoder({ model, wasm: 'reference' });
          expectSameBytes(image.data, (await reference.decode(fileFor(model))).data);
        }
        codes.add('picture');
      } catch (error) {
        if (!(error instanceof ShvqError)) {
          throw new Error(`Mutant ${n}: ${Buffer.from(bytes).toString('base64')}`, {
            cause: error,
          });
        }
        codes.add(error.code);
      }
    }
    console.log(`What became of them: ${codes}`);
    for (const code of ['picture', 'BAD_MODEL', 'CORRUPT', 'TRUNCATED']) {
      expect(codes.get(code)).toBeGreaterThan(20);
    }
  });

  it('among them only those with right checksums', () => {
    const bytes = original.slice();
    bytes[bytes.length - 5]! ^= 1;
    expect(() => parseDecoderModel(bytes)).toThrow(/checksum/);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32c(bytes.subarray(-9)), true);
    expect(() => parseDecoderModel(bytes)).toThrow(/checksum/);
  });
});
