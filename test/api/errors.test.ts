import { describe, expect, it } from 'vitest';
import { createDecoder, readHeader } from '../../src/decode.js';
import { createEncoder } from '../../src/encode.js';
import { crc32c } from '../../src/format/crc32c.js';
import type { EncodeOptions, ImageLike, Limits } from '../../src/types.js';
import { expectSameBytes, failure, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { paint, scene } from '../support/pictures.js';

const encoder = tinyEncoder();
const decoder = tinyDecoder();

/** A file of six tiles with alpha and an ICC profile. */
const file = await encoder.encode(
  paint(130, 100, (x, y, c) => (c === 3 ? (x * y) & 255 : (x * 3 + y * 5 * c) & 255)),
  { tileLog2: 6, icc: new Uint8Array(40).fill(7) },
);
const header = readHeader(file);

function flip(at: number): Uint8Array {
  const bytes = file.slice();
  bytes[at]! ^= 16;
  return bytes;
}

function detached<T extends Uint8Array | Uint8ClampedArray>(view: T): T {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

describe('a damaged file', () => {
  it('is truncated at every length, and never decodes', async () => {
    for (let length = 0; length < file.length; length += length < 120 ? 1 : 13) {
      const error = await failure(decoder.decode(file.subarray(0, length)), 'TRUNCATED');
      expect(error.offset).toBe(length);
    }
    const { offsets, lengths } = header.tiles;
    const error = await failure(decoder.decode(file.subarray(0, offsets[4]!)), 'TRUNCATED');
    expect(error.tile).toBe(lengths[4]! > 0 ? 4 : 5);
  });

  it('names the tile that is corrupt', async () => {
    for (let tile = 0; tile < 6; tile++) {
      const offset = header.tiles.offsets[tile]!;
      const error = await failure(decoder.decode(flip(offset + 2)), 'CORRUPT');
      expect(error).toMatchObject({ tile, offset });
      expect(error.message).toContain(`tile ${tile}`);
    }
  });

  it('names the chunk that is corrupt', async () => {
    for (const { offset, type } of header.chunks) {
      const error = await failure(decoder.decode(flip(offset)), 'CORRUPT');
      expect(error).toMatchObject({ offset, tile: undefined });
      expect(error.message).toMatch(type === 1 ? /alpha/ : /type 2/);
    }
  });

  it('ends where its header says', async () => {
    const longer = new Uint8Array(file.length + 1);
    longer.set(file);
    const error = await failure(decoder.decode(longer), 'CORRUPT');
    expect(error.offset).toBe(file.length);
  });

  it('may lie within its checksums', async () => {
    // A code of four 0xFF is what no encoder writes; the checksums are made right for it.
    const bytes = file.slice();
    const at = header.tiles.offsets[2]!;
    const length = header.tiles.lengths[2]!;
    bytes.fill(255, at, at + 4);
    const view = new DataView(bytes.buffer);
    const seed = crc32c(bytes.subarray(0, header.fixedBytes));
    const directory = [...header.tiles.lengths].map((n) => (n < 128 ? 5 : 6));
    const before = directory.slice(2).reduce((sum, n) => sum + n, 0);
    const checksum = header.headerBytes - 2 - before + directory[2]! - 4;
    view.setUint32(checksum, crc32c(bytes.subarray(at, at + length), seed), true);
    const checkAt = header.headerBytes - 2;
    view.setUint16(checkAt, crc32c(bytes.subarray(0, checkAt)) & 0xffff, true);
    const error = await failure(decoder.decode(bytes), 'CORRUPT');
    expect(error).toMatchObject({ tile: 2, offset: at });
  });
});

describe('partial', () => {
  it('delivers the tiles that are whole and lists the others', async () => {
    const whole = await decoder.decode(file);
    const bytes = flip(header.tiles.offsets[5]!);
    const image = await decoder.decode(bytes, { partial: true });
    expect(image.errors.map(({ code, tile }) => [code, tile])).toEqual([['CORRUPT', 5]]);
    expect(image.icc).toEqual(whole.icc);
    // Tile 5 begins at (128, 64); the synthesis sees a few latent positions around a pixel.
    const left = (data: Uint8ClampedArray) => data.filter((_, i) => (i >> 2) % 130 < 20);
    expectSameBytes(left(image.data), left(whole.data));
    expect(Buffer.from(image.data).equals(Buffer.from(whole.data))).toBe(false);
    const alpha = (data: Uint8ClampedArray) => data.filter((_, i) => i % 4 === 3);
    expectSameBytes(alpha(image.data), alpha(whole.data));
  });

  it('is opaque where alpha is broken, and lacks metadata that is', async () => {
    const broken = flip(header.chunks[0]!.offset);
    broken[header.chunks[1]!.offset]! ^= 1;
    const image = await decoder.decode(broken, { partial: true });
    expect(image.errors).toHaveLength(2);
    expect(image).not.toHaveProperty('icc');
    expect(image.data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
  });

  it('takes a file cut anywhere after its header', async () => {
    for (let length = header.headerBytes; length < file.length; length += 331) {
      const image = await decoder.decode(file.subarray(0, length), { partial: true });
      expect(image.errors.length).toBeGreaterThan(0);
      expect(image.errors.every(({ code }) => code === 'TRUNCATED')).toBe(true);
      const tiles = image.errors.flatMap(({ tile }) => tile ?? []);
      expect(new Set(tiles).size).toBe(tiles.length);
    }
    await failure(decoder.decode(file.subarray(0, 20), { partial: true }), 'TRUNCATED');
  });

  it('lists nothing for a file that is whole', async () => {
    const image = await decoder.decode(file, { partial: true });
    const { data, ...info } = await decoder.decode(file);
    expect(image).toMatchObject({ ...info, errors: [] });
    expectSameBytes(image.data, data);
  });
});

describe('limits', () => {
  it.each<[Limits, string]>([
    [{ maxPixels: 12999 }, 'maxPixels'],
    [{ maxBytes: 1000 }, 'maxBytes'],
    [{ maxMemory: 52000 }, 'maxMemory'],
  ])('%o', async (limits, name) => {
    const error = await failure(decoder.decode(file, { limits }), 'LIMIT');
    expect(error.message).toContain(name);
    const strict = tinyDecoder({ limits });
    await failure(strict.decode(file), 'LIMIT');
    const raised = { [name]: 2 ** 30 };
    expect(await strict.decode(file, { limits: raised })).toMatchObject({ width: 130 });
  });

  it('hold for encoders', async () => {
    await failure(encoder.encode(scene(20, 20), { limits: { maxPixels: 399 } }), 'LIMIT');
    await failure(encoder.encode(scene(20, 20), { limits: { maxMemory: 1000 } }), 'LIMIT');
  });

  it('refuse absurd dimensions before anything is allocated', async () => {
    const absurd = Uint8Array.from([...file.subarray(0, 10), ...Array(9).fill(255), 15]);
    absurd.set([255, 255, 255, 255, 15, 255, 255, 255, 255, 15], 10);
    await failure(decoder.decode(absurd), 'LIMIT');
    const limits = { maxPixels: Number.POSITIVE_INFINITY };
    await failure(decoder.decode(absurd, { limits }), 'TRUNCATED');
  });

  it.each([Number.NaN, 0, -1, '5'])('cannot be %s', async (value) => {
    const limits = { maxPixels: value as number };
    await failure(decoder.decode(file, { limits }), 'BAD_INPUT');
    await failure(() => createDecoder({ limits }), 'BAD_INPUT');
    await failure(() => createEncoder({ limits }), 'BAD_INPUT');
  });
});

describe('arguments of encode', () => {
  const good = scene(8, 6);

  it.each<[string, unknown]>([
    ['no image', undefined],
    ['null', null],
    ['a width of zero', { ...good, width: 0 }],
    ['a negative height', { ...good, height: -6 }],
    ['a fraction', { ...good, width: 8.5 }],
    ['NaN', { ...good, width: Number.NaN }],
    ['Infinity', { ...good, height: Number.POSITIVE_INFINITY }],
    ['too few bytes', { ...good, data: good.data.subarray(1) }],
    ['grey', { ...good, data: new Uint8Array(48) }],
    ['no data', { width: 8, height: 6 }],
    ['floats', { ...good, data: new Float32Array(192) }],
    ['a plain array', { ...good, data: Array(192).fill(0) }],
    ['a detached buffer', { ...good, data: detached(good.data.slice()) }],
    ['an unknown colour space', { ...good, colorSpace: 'rec2020' }],
  ])('%s', async (_, image) => {
    await failure(encoder.encode(image as ImageLike), 'BAD_INPUT');
  });

  it.each<[EncodeOptions]>([
    [{ quality: Number.NaN }],
    [{ quality: -1 }],
    [{ quality: 101 }],
    [{ quality: 50.5 }],
    [{ quality: '50' as never }],
    [{ quality: 50, targetBytes: 1000 }],
    [{ targetBytes: 0 }],
    [{ targetBytes: Number.NaN }],
    [{ tileLog2: 5 }],
    [{ tileLog2: 11 }],
    [{ effort: 10 }],
    [{ effort: Number.NaN }],
    [{ icc: new Uint8Array(0) }],
    [{ exif: 'text' as never }],
  ])('%o', async (options) => {
    await failure(encoder.encode(good, options), 'BAD_INPUT');
  });

  it('must not be detached meanwhile', async () => {
    const big = scene(700, 400);
    const work = encoder.encode(big);
    await new Promise((resolve) => setImmediate(resolve));
    detached(big.data);
    await failure(work, 'BAD_INPUT');
  });
});

describe('wasm', () => {
  it('cannot be anything', async () => {
    await failure(tinyDecoder({ wasm: 'fast' as never }).load(), 'BAD_INPUT');
    await failure(tinyDecoder({ wasm: {} }).load(), 'BAD_INPUT');
    await failure(tinyDecoder({ wasm: Uint8Array.of(1, 2, 3) }).load(), 'BAD_INPUT');
  });

  it('is not needed', async () => {
    const reference = tinyDecoder({ wasm: 'reference' });
    expect((await reference.load()).build).toBe('reference');
    expectSameBytes((await reference.decode(file)).data, (await decoder.decode(file)).data);
  });
});
