import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/decode.js';
import { ShvqError } from '../../src/format/errors.js';
import type { DecodedImage } from '../../src/types.js';
import { expectSameBytes, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { Counter, mutate, repair } from '../support/mutate.js';
import { paint, scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

const MUTANTS = 20_000;
/** Longest that a mutant may take; its pictures are tiny. */
const MILLISECONDS = 5000;
/** The largest picture that is decoded; above it the mutant must end in LIMIT. */
const LIMITS = { maxPixels: 2 ** 15, maxMemory: 2 ** 25 };

const encoder = tinyEncoder();
const decoders = [tinyDecoder({ wasm: 'simd' }), tinyDecoder({ wasm: 'plain' })];
const random = new Random(20240);

const files = [
  await encoder.encode(scene(24, 17), { quality: 40 }),
  await encoder.encode(scene(70, 30), { quality: 90, tileLog2: 6, icc: random.bytes(20) }),
  await encoder.encode(
    paint(33, 20, (x, y, c) => (c === 3 ? x * y : random.integer(0, 255))),
    { quality: 100, xmp: random.bytes(9) },
  ),
  await encoder.encode(scene(1, 1), { quality: 0 }),
];
const originals: DecodedImage[] = [];
for (const file of files) originals.push(await decoders[0]!.decode(file));

describe('20,000 damaged files', () => {
  it('end in a ShvqError or in a picture of the declared size, in time and memory', async () => {
    const codes = new Counter();
    let slowest = 0;
    for (let n = 0; n < MUTANTS; n++) {
      const index = random.integer(0, files.length - 1);
      const other = files[random.integer(0, files.length - 1)]!;
      let bytes = mutate(random, files[index]!, other);
      if (random.integer(0, 3) === 0 && bytes.length > 0) bytes = mutate(random, bytes, other);
      const repaired = n % 2 === 0;
      if (repaired) repair(bytes);
      const partial = random.integer(0, 3) === 0;
      const started = performance.now();
      try {
        const image = await decoders[(n >> 1) % 2]!.decode(bytes, { limits: LIMITS, partial });
        const header = readHeader(bytes);
        expect([image.width, image.height]).toEqual([header.width, header.height]);
        expect(image.data.length).toBe(header.memory.output);
        expect(partial || image.errors.length === 0).toBe(true);
        codes.add(image.errors.length > 0 ? 'partial' : 'picture');
        if (n % 8 < 2) {
          const twin = decoders[1 - ((n >> 1) % 2)]!;
          expectSameBytes((await twin.decode(bytes, { partial })).data, image.data);
        }
        // Checksums let nothing through: a picture without an error is the right one.
        if (!repaired && image.errors.length === 0) {
          expectSameBytes(image.data, originals[index]!.data);
        }
      } catch (error) {
        if (!(error instanceof ShvqError)) {
          throw new Error(`Mutant ${n}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
        }
        codes.add(error.code);
      }
      slowest = Math.max(slowest, performance.now() - started);
      if (n % 500 === 0) expect(process.memoryUsage().arrayBuffers).toBeLessThan(2 ** 28);
    }
    expect(slowest).toBeLessThan(MILLISECONDS);
    console.log(`What became of them: ${codes}; the slowest took ${slowest.toFixed(0)} ms`);
    // The damage is of all kinds, and a good part of it reaches the networks.
    for (const code of [
      'BAD_MAGIC',
      'UNSUPPORTED',
      'TRUNCATED',
      'CORRUPT',
      'LIMIT',
      'WRONG_MODEL',
    ]) {
      expect(codes.get(code)).toBeGreaterThan(20);
    }
    expect(codes.get('picture')).toBeGreaterThan(MUTANTS / 20);
  });
});
