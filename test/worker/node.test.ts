import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createDecoder, ShvqError } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import { createPool, type Pool } from 'shvq/worker';
import { afterAll, describe, expect, it } from 'vitest';
import { expectSameBytes } from '../support/codec.js';
import { modelFiles } from '../support/model-files.js';
import { scene } from '../support/pictures.js';

const model = modelFiles(1);
const settings = { decoder: { model: model.decoder }, encoder: { model } };
const decoder = createDecoder(settings.decoder);
const encoder = createEncoder(settings.encoder);
const picture = scene(330, 210);
for (let i = 0; i < 330 * 210; i += 3) picture.data[4 * i + 3] = i & 255;
const metadata = { xmp: Uint8Array.of(60, 47, 62) };
const file = await encoder.encode(picture, { tileLog2: 6, ...metadata });
const expected = await decoder.decode(file);

const pools: Pool[] = [];
function pool(more: Parameters<typeof createPool>[0] = {}): Pool {
  const made = createPool({ size: 1, ...settings, ...more });
  pools.push(made);
  return made;
}
afterAll(() => {
  for (const made of pools) made.dispose();
});

/** What work fails with. */
async function errorOf(work: Promise<unknown>): Promise<ShvqError> {
  const error = await work.then(
    () => expect.fail('It does not fail'),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ShvqError);
  return error;
}

describe('a pool', () => {
  const one = pool();

  it('gives the same files and pixels as the caller’s own thread', async () => {
    expectSameBytes(await one.encode(picture, { tileLog2: 6, ...metadata }), file);
    for (const source of [file, file.buffer, new Blob([file]), new Response(file)]) {
      const { data, ...info } = await one.decode(source);
      const { data: pixels, ...rest } = expected;
      expectSameBytes(data, pixels);
      expect(info).toEqual(rest);
    }
    const region = { x: 100, y: 37, width: 130, height: 120 };
    const [here, there] = [
      await decoder.decode(file, { region }),
      await one.decode(file, { region }),
    ];
    expectSameBytes(there.data, here.data);
    expect(await one.load()).toEqual(await decoder.load());
    expect(await one.load('encoder')).toEqual(await encoder.load());
  });

  it('gives rows as their bytes arrive', async () => {
    let sent = 0;
    const trickle = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (sent === file.length) controller.close();
          const part = file.slice(sent, sent + 50);
          sent += part.length;
          if (part.length > 0) controller.enqueue(part);
        },
      },
      { highWaterMark: 0 },
    );
    const picture = await one.decodeRows(trickle);
    const { data: pixels, ...info } = expected;
    const { [Symbol.asyncIterator]: _, ...known } = picture;
    expect(known).toEqual(info);
    const seen: number[] = [];
    let y = 0;
    for await (const strip of picture) {
      seen.push(sent);
      expect([strip.y, strip.width]).toEqual([y, info.width]);
      const start = y * info.width * 4;
      expectSameBytes(strip.data, pixels.subarray(start, start + strip.data.length));
      y += strip.height;
    }
    expect(y).toBe(info.height);
    expect(seen[0]).toBeLessThan(file.length);
    expect(sent).toBe(file.length);
  });

  it('stops a row decoding whose loop is left, and its stream', async () => {
    let cancelled = false;
    const bytes = [file.slice(0, file.length - 100)];
    const silent = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = bytes.pop();
        if (next) controller.enqueue(next);
      },
      cancel() {
        cancelled = true;
      },
    });
    for await (const strip of await one.decodeRows(silent)) {
      expect(strip.y).toBe(0);
      break;
    }
    await one.load();
    expect(cancelled).toBe(true);
    const broken = new ReadableStream({
      start(controller) {
        controller.error(new Error('the line is cut'));
      },
    });
    await expect(one.decode(broken)).rejects.toThrow('the line is cut');
    const unread = new Blob([file]).stream();
    const given = (await one.decodeRows(unread))[Symbol.asyncIterator]();
    expect(unread.locked).toBe(true);
    await given.return?.();
    expect(unread.locked).toBe(false);
    expect(await given.next()).toEqual({ done: true, value: undefined });
    await expect(one.decodeRows(new Response('no', { status: 404 }))).rejects.toThrow('404');
    const controller = new AbortController();
    const { signal } = controller;
    const rows = await one.decodeRows(file, { signal });
    controller.abort('enough');
    const first = rows[Symbol.asyncIterator]().next();
    expect(await errorOf(first)).toMatchObject({ code: 'ABORTED', cause: 'enough' });
  });

  it('gives what came before its stream failed, where that is enough', async () => {
    const failing = () => {
      const parts = [file.slice(0, file.length >> 1)];
      return new ReadableStream({
        pull(controller) {
          const part = parts.pop();
          if (part) controller.enqueue(part);
          else controller.error(new Error('the line is cut'));
        },
      });
    };
    const here = await decoder.decode(failing(), { partial: true });
    const there = await one.decode(failing(), { partial: true });
    expectSameBytes(there.data, here.data);
    expect(there.errors).toEqual(here.errors);
  });

  it('copies its input, or takes it where it is given away', async () => {
    const [bytes, pixels] = [file.slice(), picture.data.slice()];
    await one.decode(bytes);
    await one.encode({ ...picture, data: pixels });
    expect([bytes.length, pixels.length]).toEqual([file.length, picture.data.length]);
    await one.decode(bytes, { transfer: true });
    await one.encode({ ...picture, data: pixels }, { transfer: true });
    expect([bytes.length, pixels.length]).toEqual([0, 0]);
    const part = new Uint8Array([...file, 1]).subarray(0, file.length);
    await one.decode(part, { transfer: true });
    expect(part.length).toBe(file.length);
  });

  it('fails as the caller’s own thread does', async () => {
    const broken = file.slice();
    broken[file.length - 20]! ^= 1;
    const sources = [file.subarray(0, 300), broken, new Uint8Array(40), null as never];
    for (const source of sources) {
      const here = await errorOf(decoder.decode(source));
      const there = await errorOf(one.decode(source));
      expect({ ...there, message: there.message }).toEqual({ ...here, message: here.message });
    }
    const limits = { maxPixels: 1000 };
    expect(await errorOf(one.decode(file, { limits }))).toMatchObject({ code: 'LIMIT' });
    expect(await errorOf(one.encode(picture, { limits }))).toMatchObject({ code: 'LIMIT' });
    expect(await errorOf(one.encode(picture, { quality: 101 }))).toMatchObject({
      code: 'BAD_INPUT',
    });
    const here = await decoder.decode(broken, { partial: true });
    const there = await one.decode(broken, { partial: true });
    expectSameBytes(there.data, here.data);
    expect(there.errors).toEqual(here.errors);
    expect(there.errors[0]).toBeInstanceOf(ShvqError);
  });

  it('reports progress up to 1', async () => {
    const seen: number[] = [];
    const onProgress = (done: number) => seen.push(done);
    const check = (): void => {
      expect(seen.length).toBeGreaterThan(1);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.pop()).toBe(1);
    };
    const big = await one.encode(scene(900, 700), { onProgress });
    check();
    seen.length = 0;
    await one.decode(big, { onProgress });
    check();
    const stop = new Error('enough');
    const fail = () => {
      throw stop;
    };
    await expect(one.decode(file, { onProgress: fail })).rejects.toBe(stop);
  });

  it('stops for real when it is aborted, and goes on', async () => {
    const big = scene(1500, 1500);
    const started = performance.now();
    await one.encode(big);
    const whole = performance.now() - started;
    const again = performance.now();
    const controller = new AbortController();
    const onProgress = () => controller.abort('no more');
    const { code, cause } = await errorOf(
      one.encode(big, { signal: controller.signal, onProgress }),
    );
    expect([code, cause]).toEqual(['ABORTED', 'no more']);
    await one.load();
    expect(performance.now() - again).toBeLessThan(whole);
    const signal = AbortSignal.abort();
    expect((await errorOf(one.decode(file, { signal }))).code).toBe('ABORTED');
    expectSameBytes((await one.decode(file)).data, expected.data);
  });

  it('lets go of calls that wait', async () => {
    const controller = new AbortController();
    const first = one.decode(file);
    const second = one.decode(file, { signal: controller.signal });
    const third = one.decode(file);
    controller.abort();
    expect((await errorOf(second)).code).toBe('ABORTED');
    for (const { data } of await Promise.all([first, third])) expectSameBytes(data, expected.data);
  });

  it('works on several pictures at once', async () => {
    const two = pool({ size: 2 });
    const results = await Promise.all(Array.from({ length: 5 }, () => two.decode(file)));
    for (const { data } of results) expectSameBytes(data, expected.data);
  });
});

describe('what goes wrong with threads', () => {
  it('is an error at the start', async () => {
    const nowhere = pool({ thread: () => new Worker(new URL('nowhere.js', import.meta.url)) });
    expect((await errorOf(nowhere.start())).code).toBe('ENVIRONMENT');
    expect((await errorOf(nowhere.decode(file))).code).toBe('ENVIRONMENT');
    const refused = pool({
      thread: () => {
        throw new Error('no workers here');
      },
    });
    await expect(refused.decode(file)).rejects.toThrow('no workers here');
    expect(() => createPool({ size: 0 })).toThrow(ShvqError);
  });

  it('is an error where the settings cannot be cloned, and ends the thread', async () => {
    let ended = 0;
    const thread = () => {
      const worker = new Worker(new URL('../../dist/worker-thread.js', import.meta.url));
      worker.on('exit', () => ended++);
      return worker;
    };
    const model = { weights: () => 1 } as never;
    const unclonable = pool({ thread, decoder: { model } });
    for (const work of [unclonable.load(), unclonable.decode(file), unclonable.start()]) {
      const { cause, code } = await errorOf(work);
      expect([code, (cause as Error).name]).toEqual(['BAD_INPUT', 'DataCloneError']);
    }
    await expect.poll(() => ended).toBe(3);
  });

  it('is an error for the call that runs; the next one gets a new thread', async () => {
    let made = 0;
    const dying = pool({
      thread: () =>
        made++ === 0
          ? new Worker(
              "require('worker_threads').parentPort.once('message', () => process.exit(3))",
              {
                eval: true,
              },
            )
          : new Worker(new URL('../../dist/worker-thread.js', import.meta.url)),
    });
    const { code, message } = await errorOf(dying.decode(file));
    expect(code).toBe('ENVIRONMENT');
    expect(message).toMatch(/exit code 3/);
    expectSameBytes((await dying.decode(file)).data, expected.data);
    expect(made).toBe(2);
  });

  it('includes the end of the pool', async () => {
    const short = pool();
    const [first, second] = [short.decode(file), short.decode(file)].map(errorOf);
    short.dispose();
    expect([(await first!).code, (await second!).code]).toEqual(['ABORTED', 'ABORTED']);
    expect((await errorOf(short.decode(file))).code).toBe('ABORTED');
  });
});

/** What a program prints before its process ends. */
async function run(program: string): Promise<string> {
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  return stdout.trim();
}

it('a pool that was only started lets the process end', async () => {
  const program = `
    import { createPool } from 'shvq/worker';
    await createPool({ size: 1 }).start();
    console.log('started');`;
  expect(await run(program)).toBe('started');
});

it('the shared pool decodes what the package encodes, and lets the process end', async () => {
  const program = `
    import { decode, encode } from 'shvq/worker';
    const data = new Uint8Array(40 * 30 * 3).map((_, i) => i);
    const image = await decode(await encode({ width: 40, height: 30, data }, { quality: 80 }));
    console.log(image.width, image.height, image.data.length);`;
  expect(await run(program)).toBe('40 30 4800');
});
