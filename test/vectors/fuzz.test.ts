import { expect, it } from 'vitest';
import decoderFile from '../../models/paper-test-decoder.shvw';
import encoderFile from '../../models/paper-test-encoder.shvw';
import { createDecoder } from '../../src/decode.js';
import { createEncoder } from '../../src/encode.js';
import { ShvqError } from '../../src/format/errors.js';
import { expectSameBytes } from '../support/codec.js';
import { Counter, mutate, repair } from '../support/mutate.js';
import { scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

const MUTANTS = 1500;
const LIMITS = { maxPixels: 2 ** 14, maxMemory: 2 ** 25 };

it('damaged files of vectors end in a ShvqError, or in a picture that all builds agree on', async () => {
  const random = new Random(71);
  const encoder = createEncoder({ model: { decoder: decoderFile, encoder: encoderFile } });
  const files = [
    await encoder.encode(scene(24, 17), { quality: 40 }),
    await encoder.encode(scene(70, 30), { quality: 100, tileLog2: 6 }),
  ];
  const [simd, plain, reference] = (['simd', 'plain', 'reference'] as const).map((wasm) =>
    createDecoder({ wasm, model: decoderFile }),
  );
  const codes = new Counter();
  for (let n = 0; n < MUTANTS; n++) {
    const bytes = mutate(random, files[n % 2]!, files[(n + 1) % 2]!);
    if (n % 3 > 0) repair(bytes);
    try {
      const image = await simd!.decode(bytes, { limits: LIMITS });
      expect(image.data.length).toBe(image.width * image.height * 4);
      const twin = n % 16 === 1 ? reference! : plain!;
      if (n % 4 === 1) expectSameBytes((await twin.decode(bytes)).data, image.data);
      codes.add('picture');
    } catch (error) {
      if (!(error instanceof ShvqError)) {
        throw new Error(`Mutant ${n}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
      }
      codes.add(error.code);
    }
  }
  console.log(`What became of them: ${codes}`);
  expect(codes.get('picture')).toBeGreaterThan(MUTANTS / 20);
  expect(codes.get('CORRUPT')).toBeGreaterThan(MUTANTS / 20);
});
