import { describe, expect, it } from 'vitest';
import { expectSameBytes, failure, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { scene } from '../support/pictures.js';

const encoder = tinyEncoder();
const decoder = tinyDecoder();
const picture = scene(900, 700);
const file = await encoder.encode(picture, { tileLog2: 8 });

describe('an abort', () => {
  it('before the start', async () => {
    const signal = AbortSignal.abort('no');
    const onProgress = () => expect.unreachable();
    expect((await failure(decoder.decode(file, { signal, onProgress }), 'ABORTED')).cause).toBe(
      'no',
    );
    await failure(encoder.encode(picture, { signal, onProgress }), 'ABORTED');
  });

  it('from a progress callback stops the work there', async () => {
    for (const run of [decoder.decode.bind(decoder, file), encoder.encode.bind(encoder, picture)]) {
      const controller = new AbortController();
      const seen: number[] = [];
      const onProgress = (done: number) => {
        seen.push(done);
        controller.abort();
      };
      await failure(run({ signal: controller.signal, onProgress }), 'ABORTED');
      expect(seen).toHaveLength(1);
      expect(seen[0]).toBeLessThan(1);
    }
  });

  it('from a timer is seen while the work runs', async () => {
    const whole = performance.now();
    await decoder.decode(file);
    const duration = performance.now() - whole;
    const started = performance.now();
    await failure(decoder.decode(file, { signal: AbortSignal.timeout(1) }), 'ABORTED');
    expect(performance.now() - started).toBeLessThan(duration);
  });

  it('does not wait for the calls before it', async () => {
    const first = decoder.decode(file);
    const controller = new AbortController();
    let firstDone = false;
    void first.then(() => {
      firstDone = true;
    });
    const second = decoder.decode(file, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await failure(second, 'ABORTED');
    expect(firstDone).toBe(false);
    expect((await first).width).toBe(900);
  });

  it('leaves the decoder as good as new', async () => {
    const fresh = await tinyDecoder().decode(file);
    await failure(decoder.decode(file, { signal: AbortSignal.timeout(2) }), 'ABORTED');
    expectSameBytes((await decoder.decode(file)).data, fresh.data);
  });
});

describe('progress', () => {
  it('rises to 1', async () => {
    for (const run of [decoder.decode.bind(decoder, file), encoder.encode.bind(encoder, picture)]) {
      const seen: number[] = [];
      await run({ onProgress: (done: number) => seen.push(done) });
      expect(seen.length).toBeGreaterThan(2);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.at(-1)).toBe(1);
      expect(seen.every((done) => done >= 0 && done <= 1)).toBe(true);
    }
  });
});
