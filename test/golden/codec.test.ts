import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/model/sha256.js';
import type { EngineBuild } from '../../src/runtime/engine.js';
import type { ImageLike } from '../../src/types.js';
import { tinyDecoder, tinyEncoder } from '../support/codec.js';
import { paint, scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

function noise(width: number, height: number): ImageLike {
  const random = new Random(5);
  return paint(width, height, (_x, _y, c) => (c === 3 ? 255 : random.integer(0, 255)));
}

const flat = (width: number, height: number, ...rgb: number[]): ImageLike =>
  paint(width, height, (_x, _y, c) => rgb[c] ?? 255);

/** A disc of soft edge over a transparent ground. */
const sticker = (size: number): ImageLike =>
  paint(size, size, (x, y, c) => {
    const distance = Math.sqrt((x - size / 2) ** 2 + (y - size / 2) ** 2);
    return c === 3 ? (size / 3 - distance) * 64 : 60 * c + x;
  });

const PICTURES: Record<string, () => ImageLike> = {
  'scene 1x1': () => scene(1, 1),
  'scene 1x4096': () => scene(1, 4096),
  'scene 17x31': () => scene(17, 31),
  'scene 513x769': () => scene(513, 769),
  'scene 192x128': () => scene(192, 128),
  'noise 96x80': () => noise(96, 80),
  'black 64x48': () => flat(64, 48, 0, 0, 0),
  'white 64x48': () => flat(64, 48, 255, 255, 255),
  'red 64x48': () => flat(64, 48, 255, 0, 0),
  'blue 64x48': () => flat(64, 48, 0, 0, 255),
  'sticker 96': () => sticker(96),
};

/** SHA-256 of file and pixels. `UPDATE_GOLDEN=1` writes them anew, from the reference alone. */
const GOLDEN = new URL('golden.json', import.meta.url);
const UPDATE = process.env.UPDATE_GOLDEN === '1';
const digests: Record<string, string> = UPDATE ? {} : JSON.parse(readFileSync(GOLDEN, 'utf8'));

afterAll(() => {
  if (UPDATE) writeFileSync(GOLDEN, `${JSON.stringify(digests, null, 2)}\n`);
});

async function check(name: string, image: ImageLike, quality: number, wasm: EngineBuild) {
  const encoder = tinyEncoder({ wasm });
  const decoder = tinyDecoder({ wasm });
  const file = await encoder.encode(image, { quality, effort: 1 });
  const { data, width, height } = await decoder.decode(file);
  expect([width, height]).toEqual([image.width, image.height]);
  const key = `${name}, quality ${quality}`;
  const digest = `${sha256(file)} ${sha256(new Uint8Array(data.buffer))}`;
  if (UPDATE) digests[key] = digest;
  else expect(digest, key).toBe(digests[key]);
}

const BUILDS: EngineBuild[] = UPDATE ? ['reference'] : ['simd', 'plain', 'reference'];

describe.each(BUILDS)('the %s build', (build) => {
  it.each(Object.keys(PICTURES))('makes the golden file and pixels of %s', async (name) => {
    for (const quality of [0, 50, 100]) await check(name, PICTURES[name]!(), quality, build);
  });

  it('makes the golden file and pixels of 4.7 megapixels in six tiles', async () => {
    await check('scene 2304x2048', scene(2304, 2048), 60, build);
  });
});
