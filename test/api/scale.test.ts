import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { mean } from '../../src/image/box.js';
import { sha256 } from '../../src/model/sha256.js';
import type { EngineBuild } from '../../src/runtime/engine.js';
import type { DecodedImage, ImageLike } from '../../src/types.js';
import { expectSameBytes, failure, MODEL, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { paint, scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

const encoder = tinyEncoder();
const decoder = tinyDecoder();
const random = new Random(12);

/** Means of boxes of a picture, as docs/format.md defines them. */
function boxes({ width, height, data }: ImageLike, side: number): ReturnType<typeof paint> {
  return paint(Math.ceil(width / side), Math.ceil(height / side), (x, y, c) => {
    let sum = 0;
    let count = 0;
    for (let j = y * side; j < Math.min((y + 1) * side, height); j++) {
      for (let i = x * side; i < Math.min((x + 1) * side, width); i++) {
        sum += data[(j * width + i) * 4 + c]!;
        count++;
      }
    }
    return Math.floor(sum / count + 0.5);
  });
}

const channel = ({ data }: ImageLike, c: number) =>
  Uint8Array.from(data).filter((_, i) => i % 4 === c);

/** Odd sizes, several tiles, alpha, grey. */
const PICTURES: Record<string, ImageLike> = {
  '1x1': scene(1, 1),
  '17x31': scene(17, 31),
  '150x141': scene(150, 141),
  'alpha 131x90': paint(131, 90, (x, y, c) => (c === 3 ? (x * y) & 255 : x + y * c)),
  'grey 70x65': paint(70, 65, (x, y, c) => (c === 3 ? 255 : ((x * 5) ^ (y * 3)) & 255)),
};
const files: Record<string, Uint8Array> = {};
for (const [name, picture] of Object.entries(PICTURES)) {
  files[name] = await encoder.encode(picture, { quality: 60, tileLog2: 6, effort: 1 });
}

/** SHA-256 of the pixels. `UPDATE_GOLDEN=1` writes them anew, from the reference alone. */
const GOLDEN = new URL('../golden/scales.json', import.meta.url);
const UPDATE = process.env.UPDATE_GOLDEN === '1';
const digests: Record<string, string> = UPDATE ? {} : JSON.parse(readFileSync(GOLDEN, 'utf8'));
const BUILDS: EngineBuild[] = UPDATE ? ['reference'] : ['reference', 'simd', 'plain'];

afterAll(() => {
  if (UPDATE) writeFileSync(GOLDEN, `${JSON.stringify(digests, null, 2)}\n`);
});

describe.each(BUILDS)('the %s build at', (wasm) => {
  const local = tinyDecoder({ wasm });

  describe.each(Object.keys(PICTURES))('%s', (name) => {
    it.each([2, 4, 8])('1/%i', async (shrink) => {
      const { width, height } = PICTURES[name]!;
      const image = await local.decode(files[name]!, { scale: 1 / shrink });
      expect(image.width).toBe(Math.ceil(width / shrink));
      expect(image.height).toBe(Math.ceil(height / shrink));
      expect(image.data).toHaveLength(image.width * image.height * 4);
      const digest = sha256(new Uint8Array(image.data.buffer));
      if (UPDATE) digests[`${name} at 1/${shrink}`] = digest;
      expect(digest).toBe(digests[`${name} at 1/${shrink}`]);
    });
  });
});

describe('a smaller picture', () => {
  it('at 1/2 is made of means of the whole, and its alpha at every scale', async () => {
    for (const file of Object.values(files)) {
      const whole = await decoder.decode(file);
      expectSameBytes((await decoder.decode(file, { scale: 0.5 })).data, boxes(whole, 2).data);
      for (const shrink of [4, 8]) {
        const small = await decoder.decode(file, { scale: 1 / shrink });
        expectSameBytes(channel(small, 3), channel(boxes(whole, shrink), 3));
      }
    }
  });

  it('at 1/4 and 1/8 is close to the means of the whole', async () => {
    const file = await encoder.encode(scene(512, 384), { quality: 90 });
    const whole = await decoder.decode(file);
    for (const shrink of [4, 8]) {
      const small = await decoder.decode(file, { scale: 1 / shrink });
      const exact = boxes(whole, shrink);
      let squares = 0;
      small.data.forEach((value, i) => {
        squares += (value - exact.data[i]!) ** 2;
      });
      expect(Math.sqrt(squares / small.data.length)).toBeLessThan(12);
    }
  });

  it('stays grey', async () => {
    for (const shrink of [2, 4, 8]) {
      const image = await decoder.decode(files['grey 70x65']!, { scale: 1 / shrink });
      expectSameBytes(channel(image, 0), channel(image, 1));
      expectSameBytes(channel(image, 2), channel(image, 1));
    }
  });

  it('has regions that are crops of it', async () => {
    for (const name of ['150x141', 'alpha 131x90']) {
      for (const shrink of [2, 4, 8]) {
        const scale = 1 / shrink;
        const whole = await decoder.decode(files[name]!, { scale });
        for (let n = 0; n < 5; n++) {
          const x = n === 0 ? whole.width - 1 : random.integer(0, whole.width - 1);
          const y = n === 0 ? whole.height - 1 : random.integer(0, whole.height - 1);
          const width = random.integer(1, whole.width - x);
          const height = random.integer(1, whole.height - y);
          const region = { x, y, width, height };
          const part = await decoder.decode(files[name]!, { scale, region });
          const crop = paint(width, height, (i, j, c) => {
            return whole.data[((y + j) * whole.width + x + i) * 4 + c]!;
          });
          expectSameBytes(part.data, crop.data);
        }
        const region = { x: 0, y: 0, width: whole.width + 1, height: 1 };
        await failure(decoder.decode(files[name]!, { scale, region }), 'BAD_INPUT');
      }
    }
  });

  it('comes row by row, and each row with its own row of tiles', async () => {
    for (const [name, file] of Object.entries(files)) {
      for (const shrink of [2, 4, 8]) {
        const scale = 1 / shrink;
        const { data, ...info } = await decoder.decode(file, { scale });
        const rows = await decoder.decodeRows(new Blob([file]), { scale });
        expect(rows, name).toMatchObject(info);
        let at = 0;
        for await (const strip of rows) {
          expect(strip.y * rows.width * 4).toBe(at);
          expectSameBytes(strip.data, data.subarray(at, at + strip.data.length));
          at += strip.data.length;
        }
        expect(at).toBe(data.length);
      }
    }
  });

  it('of a model whose shortcut is not linear is made of means of the whole', async () => {
    const [conv, shuffle] = MODEL.decoder.synthesis.shortcut;
    const shortcut = [conv!, { op: 'depthToSpace', block: 4 }, { ...shuffle!, block: 4 }] as const;
    const model = { ...MODEL.decoder, synthesis: { ...MODEL.decoder.synthesis, shortcut } };
    const other = tinyDecoder({ model });
    const whole: DecodedImage = await other.decode(files['150x141']!);
    for (const shrink of [2, 4, 8]) {
      const { data } = await other.decode(files['150x141']!, { scale: 1 / shrink });
      expectSameBytes(data, boxes(whole, shrink).data);
    }
  });

  it.each([0, 2, 0.3, Number.NaN, '1/2'])('cannot be at %s', async (scale) => {
    await failure(decoder.decode(files['1x1']!, { scale: scale as number }), 'BAD_INPUT');
  });

  it('has means that are exact and round halves upwards', () => {
    expect([mean(1, 2), mean(3, 2), mean(255 * 64, 64), mean(0, 7), mean(10, 4)]).toEqual([
      1, 2, 255, 0, 3,
    ]);
  });
});
