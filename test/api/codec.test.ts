import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/decode.js';
import { shortId } from '../../src/format/model-id.js';
import { sha256 } from '../../src/model/sha256.js';
import type { EngineBuild } from '../../src/runtime/engine.js';
import type { DecodedImage, ImageLike } from '../../src/types.js';
import { expectSameBytes, failure, MODEL, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { syntheticModel, TINY } from '../support/models.js';
import { paint, scene, withoutAlpha } from '../support/pictures.js';
import { Random } from '../support/random.js';

const encoder = tinyEncoder();
const decoder = tinyDecoder();

const alphaOf = ({ data }: ImageLike) => Uint8Array.from(data).filter((_, i) => i % 4 === 3);

describe('encode and decode', () => {
  it.each([
    [1, 1],
    [1, 300],
    [300, 1],
    [1, 4096],
    [17, 31],
    [64, 64],
    [129, 65],
    [513, 769],
  ])('keep the size of %i x %i and its alpha', async (width, height) => {
    const random = new Random(width + height);
    const picture = paint(width, height, () => random.integer(0, 255));
    const file = await encoder.encode(picture, { quality: 60, tileLog2: 6 });
    const image = await decoder.decode(file);
    expect(image).toMatchObject({ width, height, quality: 60, colorSpace: 'srgb', errors: [] });
    expect(image.data).toBeInstanceOf(Uint8ClampedArray);
    expect(image.data).toHaveLength(width * height * 4);
    expectSameBytes(alphaOf(image), alphaOf(picture));
  });

  it('treat RGB, opaque RGBA, arrays, views and other realms alike', async () => {
    const picture = scene(70, 40);
    const expected = await encoder.encode(picture);
    const { width, height, data } = picture;
    const shifted = new Uint8Array(data.length + 3);
    shifted.set(data, 3);
    const inputs: ImageLike[] = [
      withoutAlpha(picture),
      { width, height, data: new Uint8Array(data) },
      { width, height, data: Buffer.from(data) },
      { width, height, data: shifted.subarray(3), colorSpace: 'srgb' },
      { width, height, data: runInNewContext('Uint8Array.from(data)', { data }) },
    ];
    for (const input of inputs) {
      expectSameBytes(await encoder.encode(input), expected);
    }
    expect(readHeader(expected)).toMatchObject({ quality: 75, hasAlpha: false, chunks: [] });
  });

  it('leave their input alone', async () => {
    const picture = paint(40, 30, (x, y, c) => (c === 3 && x > 20 ? 0 : x + y + c));
    const before = picture.data.slice();
    const file = await encoder.encode(picture);
    expectSameBytes(picture.data, before);
    const bytes = file.slice();
    await decoder.decode(file);
    expectSameBytes(file, bytes);
  });

  it('pay nothing for what is under alpha 0', async () => {
    const hole = (inside: (x: number, y: number) => number) =>
      paint(96, 96, (x, y, c) => {
        const hidden = x > 20 && x < 80 && y > 20 && y < 80;
        if (c === 3) return hidden ? 0 : 255;
        return hidden ? inside(x, y) : 90;
      });
    const flat = await encoder.encode(hole(() => 90));
    const noisy = await encoder.encode(hole((x, y) => (x * 97 + y * 57) & 255));
    expectSameBytes(noisy, flat);
  });

  it('carry Display P3 and metadata unchanged', async () => {
    const random = new Random(8);
    const metadata = { icc: random.bytes(500), exif: random.bytes(70), xmp: random.bytes(1) };
    const picture = { ...scene(20, 20), colorSpace: 'display-p3' };
    const file = await encoder.encode(picture, metadata);
    const image = await decoder.decode(file);
    expect(image).toMatchObject({ colorSpace: 'display-p3', ...metadata });
    const plain = await decoder.decode(await encoder.encode(picture));
    expect(plain).not.toHaveProperty('icc');
    expectSameBytes(plain.data, image.data);
  });

  it('accept every quality', async () => {
    const picture = scene(16, 16);
    for (let quality = 0; quality <= 100; quality++) {
      const file = await encoder.encode(picture, { quality });
      expect((await decoder.decode(file)).quality).toBe(quality);
    }
  });

  it('give the same pixels whatever the tiles', async () => {
    const picture = scene(150, 140);
    // The context starts anew in each tile, so the bytes differ; the nearest centers do not.
    const images: DecodedImage[] = [];
    for (const tileLog2 of [6, 7, 10]) {
      images.push(await decoder.decode(await encoder.encode(picture, { tileLog2, effort: 0 })));
    }
    expectSameBytes(images[1]!.data, images[0]!.data);
    expectSameBytes(images[2]!.data, images[0]!.data);
  });

  it('decode into the memory of the caller', async () => {
    const file = await encoder.encode(scene(30, 20));
    const { data, ...info } = await decoder.decode(file);
    for (const target of [new Uint8Array(2400), new Uint8ClampedArray(2400)]) {
      expect(await decoder.decodeInto(file, target)).toEqual(info);
      expectSameBytes(target, data);
    }
    await failure(decoder.decodeInto(file, new Uint8Array(2401)), 'BAD_INPUT');
    await failure(decoder.decodeInto(file, new Uint16Array(2400) as never), 'BAD_INPUT');
  });

  it('decode a region as the crop of the whole', async () => {
    const random = new Random(31);
    const width = 210;
    const height = 170;
    const picture = paint(width, height, () => random.integer(0, 255));
    const file = await encoder.encode(picture, { tileLog2: 6, quality: 90 });
    const whole = await decoder.decode(file);
    const regions = [
      { x: 0, y: 0, width: 1, height: 1 },
      { x: width - 1, y: height - 1, width: 1, height: 1 },
      { x: 60, y: 0, width: 8, height: height },
      { x: 3, y: 127, width: 100, height: 3 },
      { x: 0, y: 0, width, height },
    ];
    for (let n = 0; n < 6; n++) {
      const x = random.integer(0, width - 1);
      const y = random.integer(0, height - 1);
      const size = { width: random.integer(1, width - x), height: random.integer(1, height - y) };
      regions.push({ x, y, ...size });
    }
    for (const region of regions) {
      const part = await decoder.decode(file, { region });
      expect(part).toMatchObject({ width: region.width, height: region.height });
      const crop = paint(region.width, region.height, (x, y, c) => {
        return whole.data[((region.y + y) * width + region.x + x) * 4 + c]!;
      });
      expectSameBytes(part.data, crop.data);
    }
    for (const change of [
      { x: -1 },
      { width: 0 },
      { height: 171 },
      { y: 0.5 },
      { x: Number.NaN },
    ]) {
      const region = { x: 0, y: 0, width: 1, height: 1, ...change };
      await failure(decoder.decode(file, { region }), 'BAD_INPUT');
    }
  });

  it('share nothing between decoders, and calls of one may overlap', async () => {
    const files = await Promise.all(
      [1, 2, 3, 4].map((seed) =>
        encoder.encode(scene(40 * seed, 90, seed), { quality: 20 * seed }),
      ),
    );
    const expected: Uint8ClampedArray[] = [];
    for (const file of files) expected.push((await tinyDecoder().decode(file)).data);
    const overlapping = await Promise.all(files.map((file) => decoder.decode(file)));
    overlapping.forEach(({ data }, i) => {
      expectSameBytes(data, expected[i]!);
    });
  });

  it.each<EngineBuild>(['simd', 'plain', 'reference'])(
    'are these bytes and these pixels: %s',
    async (wasm) => {
      const random = new Random(77);
      const picture = paint(100, 80, (x, y, c) => (c === 3 ? 255 : x + y + random.integer(0, 40)));
      const file = await tinyEncoder({ wasm }).encode(picture, {
        quality: 80,
        tileLog2: 6,
        effort: 0,
      });
      expect(sha256(file)).toBe('e44b1e449117be1b5429b0a5271f46807d39549e3ca94ac0aa89569c708cb1ff');
      const { data } = await tinyDecoder({ wasm }).decode(file);
      expect(sha256(new Uint8Array(data.buffer))).toBe(
        '838a34ff39f7ce581824a3e376b104cc3f8742b80254bad97b9e3956c6603099',
      );
    },
  );
});

describe('a picture of several tiles and over 4 megapixels', () => {
  const width = 2100;
  const height = 2060;
  const picture = scene(width, height, 5);

  it('is the same on both builds, whole and in part', async () => {
    const encoded: Uint8Array[] = [];
    const whole: Uint8ClampedArray[] = [];
    for (const wasm of ['simd', 'plain'] as const) {
      const file = await tinyEncoder({ wasm }).encode(picture, { quality: 70, effort: 1 });
      encoded.push(file);
      whole.push((await tinyDecoder({ wasm }).decode(file)).data);
    }
    expectSameBytes(encoded[1]!, encoded[0]!);
    expectSameBytes(whole[1]!, whole[0]!);
    expect(readHeader(encoded[0]!).tiles).toMatchObject({ columns: 3, rows: 3, size: 1024 });
    const region = { x: 1000, y: 1010, width: 60, height: 40 };
    const part = await decoder.decode(encoded[0]!, { region });
    for (let y = 0; y < region.height; y++) {
      const from = ((region.y + y) * width + region.x) * 4;
      const row = part.data.subarray(y * region.width * 4, (y + 1) * region.width * 4);
      expectSameBytes(row, whole[0]!.subarray(from, from + region.width * 4));
    }
  });
});

describe('a picture that is taken away', () => {
  const take = ({ data }: { data: Uint8Array | Uint8ClampedArray }) =>
    structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] });

  it('at once is told', async () => {
    for (const image of [scene(320, 240), paint(320, 240, (x, y) => (x + y) & 255)]) {
      const work = encoder.encode(image);
      take(image);
      await failure(work, 'BAD_INPUT');
    }
  });

  it.each([0.1, 0.5, 0.9])('at %f of the work is told', async (share) => {
    const image = scene(640, 320);
    const onProgress = (done: number) => {
      if (done > share && image.data.length > 0) take(image);
    };
    const work = encoder.encode(image, { effort: 3, tileLog2: 7, onProgress });
    expect((await failure(work, 'BAD_INPUT')).message).toContain('detached');
  });
});

describe('targetBytes', () => {
  const picture = scene(64, 48);

  it('reports progress that rises', async () => {
    const seen: number[] = [];
    const onProgress = (done: number) => seen.push(done);
    await encoder.encode(scene(700, 500), { effort: 1, targetBytes: 12_000, onProgress });
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.at(-1)).toBe(1);
    expect(seen.filter((done) => done >= 1)).toHaveLength(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('finds the largest file that is not larger', async () => {
    const sizes: number[] = [];
    for (let quality = 0; quality <= 100; quality++) {
      sizes.push((await encoder.encode(picture, { quality })).length);
    }
    for (const targetBytes of [Math.max(...sizes), sizes[50]!, sizes[30]! + 1]) {
      const file = await encoder.encode(picture, { targetBytes });
      expect(file.length).toBeLessThanOrEqual(targetBytes);
      const { quality } = readHeader(file);
      expect(file.length).toBe(sizes[quality]);
      if (quality < 100) expect(sizes[quality + 1]).toBeGreaterThan(targetBytes);
    }
  });

  it('says how small the smallest file is', async () => {
    const smallest = (await encoder.encode(picture, { quality: 0 })).length;
    const error = await failure(encoder.encode(picture, { targetBytes: 30 }), 'LIMIT');
    const said = Number(/has (\d+) bytes/.exec(error.message)?.[1]);
    expect(said).toBeLessThanOrEqual(smallest);
    expect(said).toBeGreaterThan(30);
  });
});

describe('models', () => {
  it('refuse a file of another one and name both', async () => {
    const other = syntheticModel(4, TINY);
    const file = await encoder.encode(scene(20, 20));
    const error = await failure(tinyDecoder({ model: other.decoder }).decode(file), 'WRONG_MODEL');
    expect(error.message).toContain(shortId(MODEL.decoder.id));
    expect(error.message).toContain(shortId(other.decoder.id));
    const parts = { decoder: other.decoder, encoder: MODEL.encoder };
    await failure(tinyEncoder({ model: parts }).load(), 'WRONG_MODEL');
  });

  it('are told by load()', async () => {
    const expected = { modelId: MODEL.decoder.id, profile: MODEL.decoder.profile };
    expect(await decoder.load()).toMatchObject(expected);
    expect(await encoder.load()).toMatchObject(expected);
  });

  it('must be models', async () => {
    await failure(tinyDecoder({ model: {} as never }).load(), 'BAD_INPUT');
    await failure(tinyDecoder({ model: new Uint8Array(9) }).load(), 'BAD_MAGIC');
    await failure(tinyDecoder({ model: Uint8Array.of(0x53, 0x48) }).load(), 'TRUNCATED');
    await failure(tinyEncoder({ model: { ...MODEL, encoder: {} as never } }).load(), 'BAD_INPUT');
    const unknown = tinyEncoder({ model: undefined, profile: 'nothing' });
    expect((await failure(unknown.load(), 'BAD_INPUT')).message).toContain('nothing');
  });
});

describe('grey', () => {
  const isGrey = ({ data }: ImageLike) =>
    data.every((value, i) => i % 4 === 3 || value === data[i - (i % 4)]);
  const random = new Random(8);
  const grey = paint(90, 70, (x, y, c) => (c === 3 ? 255 : (x * y) & 255));

  it('stays grey to the bit, as RGB, as RGBA and with alpha', async () => {
    const alpha = paint(90, 70, (x, y, c) => (c === 3 ? x : c === 0 || x > 0 ? y : 9));
    for (const image of [grey, withoutAlpha(grey), alpha]) {
      const file = await encoder.encode(image, { quality: random.integer(0, 100) });
      expect(readHeader(file).isGrey).toBe(true);
      expect(isGrey(await decoder.decode(file))).toBe(true);
    }
  });

  it('is not what one coloured pixel makes', async () => {
    const image = { ...grey, data: grey.data.slice() };
    image.data[image.data.length - 2]! ^= 1;
    const file = await encoder.encode(image);
    expect(readHeader(file).isGrey).toBe(false);
    expect(isGrey(await decoder.decode(file))).toBe(false);
  });

  it('costs the decoder no region: a crop equals the crop', async () => {
    const file = await encoder.encode(grey, { quality: 90 });
    const whole = await decoder.decode(file);
    const region = { x: 33, y: 21, width: 30, height: 40 };
    const part = await decoder.decode(file, { region });
    for (let y = 0; y < 40; y++) {
      const from = ((21 + y) * 90 + 33) * 4;
      expectSameBytes(
        part.data.subarray(y * 120, (y + 1) * 120),
        whole.data.subarray(from, from + 120),
      );
    }
  });
});

describe('effort', () => {
  it('0 takes the nearest centers; 1 spends fewer bytes; the same decoder reads all', async () => {
    const image = scene(192, 160);
    const sizes = await Promise.all(
      [0, 1, 9].map(async (effort) => {
        const file = await encoder.encode(image, { quality: 80, effort });
        expect((await decoder.decode(file)).width).toBe(192);
        return file.length;
      }),
    );
    expect(sizes[1]).toBeLessThan(sizes[0]!);
  });
});
