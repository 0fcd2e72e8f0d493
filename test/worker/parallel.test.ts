import { createDecoder } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import type { DecodeOptions } from 'shvq/worker';
import { createPool } from 'shvq/worker';
import { afterAll, describe, expect, it } from 'vitest';
import { expectSameBytes } from '../support/codec.js';
import { modelFiles } from '../support/model-files.js';
import { scene } from '../support/pictures.js';

const model = modelFiles(1);
const settings = { decoder: { model: model.decoder }, encoder: { model } };
const decoder = createDecoder(settings.decoder);
const encoder = createEncoder(settings.encoder);
const pool = createPool({ size: 3, ...settings });
afterAll(() => pool.dispose());

/** Several bands in a whole decode, more tiles than threads, sides that are no multiples. */
const [width, height] = [1301, 1437];
const colour = scene(width, height);
const soft = { ...colour, data: colour.data.map((v, i) => (i % 4 === 3 ? (i >> 14) & 255 : v)) };
const grey = { ...colour, data: colour.data.map((_, i, all) => (i % 4 < 3 ? all[i & ~3]! : 255)) };
const options = { effort: 0, quality: 50 };
const files = {
  colour: await encoder.encode(colour, { ...options, tileLog2: 8 }),
  alpha: await encoder.encode(soft, { ...options, tileLog2: 9 }),
  grey: await encoder.encode(grey, { ...options, tileLog2: 6 }),
};
const damaged = files.colour.slice();
damaged[damaged.length - 100]! ^= 1;
damaged[damaged.length >> 1]! ^= 1;

async function collect(file: Uint8Array, how: DecodeOptions) {
  const rows = await pool.decodeRows(file, how);
  const data = new Uint8ClampedArray(rows.width * rows.height * 4);
  let y = 0;
  for await (const strip of rows) {
    expect([strip.y, strip.width]).toEqual([y, rows.width]);
    data.set(strip.data, y * rows.width * 4);
    y += strip.height;
  }
  expect(y).toBe(rows.height);
  return { data, errors: rows.errors };
}

describe('one picture on three threads', () => {
  const parts: DecodeOptions[] = [
    {},
    { scale: 1 / 2 },
    { scale: 1 / 4 },
    { scale: 1 / 8 },
    { region: { x: 301, y: 203, width: 997, height: 1111 } },
    { region: { x: 7, y: 33, width: 301, height: 317 }, scale: 1 / 4 },
    { region: { x: 1300, y: 0, width: 1, height: 1437 } },
  ];
  it.each(Object.entries(files))('has the pixels of one thread: %s', async (_, file) => {
    for (const how of parts) {
      const { data, errors } = await decoder.decode(file, how);
      const there = await pool.decode(file, how);
      expectSameBytes(there.data, data);
      expect(there.errors).toEqual(errors);
      expectSameBytes((await collect(file, how)).data, data);
    }
  });

  it('finds the faults that one thread finds, in their order', async () => {
    const here = await decoder.decode(damaged, { partial: true });
    const there = await pool.decode(damaged, { partial: true });
    expect(here.errors).toHaveLength(2);
    expect(there.errors).toEqual(here.errors);
    expectSameBytes(there.data, here.data);
    expect((await collect(damaged, { partial: true })).errors).toEqual(here.errors);
    const fault = { code: 'CORRUPT', tile: here.errors[0]!.tile };
    await expect(pool.decode(damaged)).rejects.toMatchObject(fault);
    await expect(collect(damaged, {})).rejects.toMatchObject(fault);
  });

  it('keeps within maxMemory, on fewer threads where that is needed', async () => {
    const { data } = await decoder.decode(files.colour);
    const output = width * height * 4;
    let least = output;
    // The smallest limit with which one thread decodes.
    for (let step = 2 ** 24; step >= 2 ** 16; step >>= 1) {
      const limits = { maxMemory: least + step };
      await decoder.decode(files.colour, { limits }).catch(() => {
        least += step;
      });
    }
    const limits = { maxMemory: least + 2 ** 17 };
    expectSameBytes((await pool.decode(files.colour, { limits })).data, data);
    await expect(
      pool.decode(files.colour, { limits: { maxMemory: output } }),
    ).rejects.toMatchObject({ code: 'LIMIT' });
  });

  it('reports progress and stops all threads', async () => {
    const seen: number[] = [];
    await pool.decode(files.colour, { onProgress: (done) => seen.push(done) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.length).toBeGreaterThan(36);
    expect(seen.at(-1)).toBe(1);
    const controller = new AbortController();
    const stopped = pool.decode(files.colour, {
      signal: controller.signal,
      onProgress: () => controller.abort('enough'),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    const two = await Promise.all([pool.decode(files.grey), pool.decode(files.colour)]);
    expectSameBytes(two[1].data, (await decoder.decode(files.colour)).data);
  });
});
