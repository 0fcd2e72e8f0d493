import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../src/decode.js';
import { createEncoder } from '../../src/encode.js';
import type { EngineBuild } from '../../src/runtime/engine.js';
import type { ImageLike } from '../../src/types.js';
import { expectSameBytes } from '../support/codec.js';
import { VECTOR_TORTURE, VECTORS, vectorModel } from '../support/models.js';
import { paint, scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

const MODELS = [
  { name: 'small', ...vectorModel(1, VECTORS) },
  { name: 'torture', ...vectorModel(2, VECTOR_TORTURE) },
];
const BUILDS: EngineBuild[] = ['simd', 'plain', 'reference'];
const random = new Random(8);

const PICTURES: [name: string, image: ImageLike][] = [
  ['1x1', scene(1, 1)],
  ['17x31', scene(17, 31)],
  ['130x70', scene(130, 70)],
  ['noise', paint(48, 40, () => random.integer(0, 255))],
];

describe.each(MODELS)('the $name model of vectors', (model) => {
  const coders = BUILDS.map((wasm) => ({
    encoder: createEncoder({ wasm, model }),
    decoder: createDecoder({ wasm, model: model.decoder }),
  }));

  it.each(PICTURES)('makes the same file and pixels of %s on every build', async (_, image) => {
    for (const options of [
      { quality: 0 },
      { quality: 50, effort: 0 },
      { quality: 100, tileLog2: 6 },
    ]) {
      const files = await Promise.all(coders.map(({ encoder }) => encoder.encode(image, options)));
      const pictures = await Promise.all(coders.map(({ decoder }) => decoder.decode(files[0]!)));
      for (const [i, file] of files.entries()) {
        expectSameBytes(file, files[0]!);
        expectSameBytes(pictures[i]!.data, pictures[0]!.data);
      }
    }
  });

  it('decodes regions, rows and smaller pictures as parts and means of the whole', async () => {
    const [width, height] = [150, 90];
    const file = await coders[0]!.encoder.encode(scene(width, height), {
      quality: 60,
      tileLog2: 6,
    });
    for (const { decoder } of coders) {
      const whole = await decoder.decode(file);
      const region = { x: 37, y: 21, width: 71, height: 55 };
      const part = await decoder.decode(file, { region });
      for (let y = 0; y < region.height; y++) {
        const from = ((region.y + y) * width + region.x) * 4;
        expectSameBytes(
          part.data.subarray(y * region.width * 4, (y + 1) * region.width * 4),
          whole.data.subarray(from, from + region.width * 4),
        );
      }
      let rows = 0;
      for await (const strip of await decoder.decodeRows(file)) {
        const from = strip.y * width * 4;
        expectSameBytes(strip.data, whole.data.subarray(from, from + strip.data.length));
        rows += strip.height;
      }
      expect(rows).toBe(height);
      const small = await decoder.decode(file, { scale: 1 / 8 });
      expect([small.width, small.height]).toEqual([19, 12]);
      let sum = 0;
      for (let i = 0; i < 64; i++) sum += whole.data[((i >> 3) * width + (i & 7)) * 4]!;
      expect(small.data[0]).toBe(Math.floor((2 * sum + 64) / 128));
    }
  });

  it('shows blank symbols where a tile is broken, the same on every build', async () => {
    const file = await coders[0]!.encoder.encode(scene(140, 60), { quality: 70, tileLog2: 6 });
    file[file.length - 1]! ^= 1;
    const pictures = await Promise.all(
      coders.map(({ decoder }) => decoder.decode(file, { partial: true })),
    );
    for (const { data, errors } of pictures) {
      expect(errors.map(({ code, tile }) => [code, tile])).toEqual([['CORRUPT', 2]]);
      expectSameBytes(data, pictures[0]!.data);
    }
  });

  it('knows how much memory it takes', async () => {
    const image = scene(200, 120);
    const limits = { maxMemory: 1000 };
    for (const { decoder, encoder } of coders) {
      await expect(encoder.encode(image, { limits })).rejects.toMatchObject({ code: 'LIMIT' });
      const file = await encoder.encode(image);
      await expect(decoder.decode(file, { limits })).rejects.toMatchObject({ code: 'LIMIT' });
    }
  });
});
