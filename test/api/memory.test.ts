import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/decode.js';
import { memoryBound } from '../../src/format/limits.js';
import { checkImage } from '../../src/image/input.js';
import { encodePicture } from '../../src/runtime/encode-picture.js';
import { planOf } from '../../src/search/effort.js';
import type { EncodeOptions } from '../../src/types.js';
import { failure, MODEL, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { referenceDecoder, wasmDecoder, wasmEncoder } from '../support/engines.js';
import { BUILDS } from '../support/kernels.js';
import { FULL, syntheticModel } from '../support/models.js';
import { scene } from '../support/pictures.js';

const { decoder: model } = syntheticModel(2, FULL);

describe.each(BUILDS)('the bound that readHeader reports, with the $name build', (build) => {
  it.each([
    [1, 1],
    [768, 512],
    [1024, 1025],
    [4000, 3000],
    [3000, 4000],
    [20000, 500],
    [500, 20000],
    [1, 2 ** 20],
    [2 ** 20, 1],
    [16384, 4096],
  ])('holds for %i x %i', (width, height) => {
    const engines = [wasmDecoder(build.name, build.module, model), referenceDecoder(model)];
    const tiles = Math.ceil(width / 1024) * Math.ceil(height / 1024);
    const { output, workspace } = memoryBound(width, height, tiles);
    expect(output).toBe(width * height * 4);
    for (const engine of engines) {
      for (const shrink of [1, 4, 8] as const) {
        expect(engine.workspace(width, height, shrink)).toBeLessThanOrEqual(workspace);
      }
    }
  });
});

/** Rounds of collection without a gain after which nothing more is expected to go. */
const QUIET_ROUNDS = 3;

/**
 * Collects garbage until nothing more goes, then says how much memory is in use. Buffers go a while
 * after the objects that held them, on another thread: one round without a gain proves nothing.
 */
async function bytesInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let least = Number.POSITIVE_INFINITY;
  for (let quiet = 0; quiet < QUIET_ROUNDS; ) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    const now = arrayBuffers + heapUsed;
    quiet = now > least - 10_000 ? quiet + 1 : 0;
    least = Math.min(least, now);
  }
  return least;
}

describe('encoding', () => {
  it('counts what hidden colours take', async () => {
    const encoder = tinyEncoder();
    const picture = scene(600, 500);
    const most = async (image: typeof picture) => {
      const text = (await failure(encoder.encode(image, { limits: { maxMemory: 1 } }), 'LIMIT'))
        .message;
      return Number(/(\d{4,})/.exec(text)?.[1]);
    };
    const data = Uint8ClampedArray.from({ length: 600 * 500 * 4 }, (_, i) =>
      i % 4 === 3 ? 255 : i,
    );
    const seen = await most({ ...picture, data });
    data[3] = 0;
    expect((await most({ ...picture, data })) - seen).toBeGreaterThan(3 * 600 * 500);
  });

  it.each(BUILDS)("never holds more than the bound of the $name build's engine", async (build) => {
    const engine = wasmEncoder(build.name, build.module, MODEL.decoder, MODEL.encoder);
    const picture = checkImage(scene(700, 560));
    const search = planOf(2);
    const bound = engine.workspace(700, 560, 256, search);
    const added = bound - engine.workspace(700, 560, 256, planOf(0));
    const plan = { rate: { quality: 60 }, search, tileLog2: 8, metadata: [] };
    const before = await bytesInUse();
    let most = 0;
    let last = 0;
    for (const { done } of encodePicture(engine, picture, plan)) {
      // Each strip of the analysis is a small step, each iteration of the search a large one.
      if (done - last > 0.05) most = Math.max(most, (await bytesInUse()) - before);
      last = done;
    }
    expect(most).toBeGreaterThan(added / 2);
    expect(most).toBeLessThan(bound);
  });
});

describe('what is over', () => {
  const encoder = tinyEncoder();
  const decoder = tinyDecoder();
  /** In functions of their own: one that goes on keeps its arguments' registers. */
  const encode = async (options: EncodeOptions) => encoder.encode(scene(1000, 800), options);
  const roundTrip = async (options: EncodeOptions) => {
    await decoder.decode(await encode(options));
  };
  const stop = async () => {
    const controller = new AbortController();
    const onProgress = (done: number) => {
      if (done > 0.5) controller.abort();
    };
    await failure(encode({ effort: 3, onProgress, signal: controller.signal }), 'ABORTED');
  };

  it('leaves neither the picture nor its pixels in memory', async () => {
    // So that the memory of WebAssembly is as large as it gets.
    await roundTrip({ effort: 2, tileLog2: 7 });
    await decoder.decode(await encoder.encode(scene(16, 16)));
    const before = await bytesInUse();
    await roundTrip({ effort: 2, tileLog2: 7 });
    expect((await bytesInUse()) - before).toBeLessThan(500_000);
    await stop();
    expect((await bytesInUse()) - before).toBeLessThan(500_000);
  });
});

describe('decoding', () => {
  it.each(['reference', 'plain'] as const)(
    'row by row never holds more than the bound: %s',
    async (wasm) => {
      const file = await tinyEncoder().encode(scene(1200, 800), { tileLog2: 8 });
      const { workspace } = readHeader(file).memory;
      const local = tinyDecoder({ wasm });
      await local.load();
      const before = await bytesInUse();
      let most = 0;
      for await (const { y } of await local.decodeRows(file)) {
        if (y % 160 === 0) most = Math.max(most, (await bytesInUse()) - before);
      }
      // The symbols alone are a sixteenth of a byte a pixel with this model.
      expect(most).toBeGreaterThan((1200 * 800) / 16);
      expect(most).toBeLessThan(workspace);
    },
  );

  it('allocates no memory of WebAssembly beyond the bound', async () => {
    const file = await tinyEncoder().encode(scene(1500, 200));
    const { memory } = readHeader(file);
    const made: number[] = [];
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: { initial: number }) {
        super(descriptor);
        made.push(this.buffer.byteLength);
      }
    };
    try {
      await tinyDecoder({ wasm: 'plain' }).decode(file);
    } finally {
      WebAssembly.Memory = Memory;
    }
    expect(made).toHaveLength(1);
    expect(made[0]).toBeLessThanOrEqual(memory.workspace);
  });
});
