import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/decode.js';
import type { ByteSource } from '../../src/types.js';
import { expectSameBytes, failure, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { scene } from '../support/pictures.js';

const decoder = tinyDecoder();
const file = await tinyEncoder().encode(scene(50, 40));
const expected = await decoder.decode(file);

function stream(chunk: number, value: (bytes: Uint8Array) => unknown = (bytes) => bytes) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= file.length) controller.close();
      else controller.enqueue(value(file.slice(at, at + chunk)));
      at += chunk;
    },
  });
}

const padded = new Uint8Array(file.length + 8);
padded.set(file, 4);
const shared = new Uint8Array(new SharedArrayBuffer(file.length));
shared.set(file);

describe('decode reads', () => {
  it.each<[string, () => ByteSource]>([
    ['an ArrayBuffer', () => file.buffer],
    ['a view into a larger buffer', () => padded.subarray(4, 4 + file.length)],
    ['a DataView', () => new DataView(padded.buffer, 4, file.length)],
    ['a Buffer', () => Buffer.from(file)],
    ['a SharedArrayBuffer', () => shared.buffer],
    ['a Blob', () => new Blob([file])],
    ['an empty-typed File', () => new File([file], 'a.shv')],
    ['a Response', () => new Response(file)],
    ['a stream', () => stream(7)],
    ['a stream in one piece', () => stream(1 << 20)],
    ['a stream of ArrayBuffers', () => stream(100, (bytes) => bytes.buffer)],
  ])('%s', async (_, source) => {
    expectSameBytes((await decoder.decode(source())).data, expected.data);
  });

  it.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['null', () => null],
    ['a path', () => 'photo.shv'],
    ['an object', () => ({})],
    ['a plain array', () => [...file]],
    ['a response that failed', () => new Response('no', { status: 404 })],
    ['a stream of text', () => stream(9, (bytes) => String(bytes))],
    [
      'a stream that is locked',
      () => {
        const locked = stream(9);
        locked.getReader();
        return locked;
      },
    ],
  ])('not %s', async (_, source) => {
    await failure(decoder.decode(source() as ByteSource), 'BAD_INPUT');
  });

  it('nothing from an empty body or a detached buffer', async () => {
    await failure(decoder.decode(new Response(null)), 'TRUNCATED');
    await failure(decoder.decode(new Uint8Array(0)), 'TRUNCATED');
    const bytes = file.slice();
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    await failure(decoder.decode(bytes), 'BAD_INPUT');
    await failure(decoder.decode(bytes.buffer), 'BAD_INPUT');
    await failure(() => readHeader(bytes), 'BAD_INPUT');
  });

  it('no more than maxBytes', async () => {
    const limits = { maxBytes: 64 };
    for (const source of [file, new Blob([file]), new Response(file), stream(10)]) {
      await failure(decoder.decode(source, { limits }), 'LIMIT');
    }
  });

  /** The file's first bytes, then a failure. */
  function broken(reason: unknown, sent: number) {
    let pieces = 0;
    return new ReadableStream({
      pull(controller) {
        if (pieces++ === 0) controller.enqueue(file.slice(0, sent));
        else controller.error(reason);
      },
    });
  }

  it('and says where a stream failed, and why', async () => {
    const reason = new TypeError('the line is cut');
    const error = await failure(decoder.decode(broken(reason, 20)), 'TRUNCATED');
    expect(error).toMatchObject({ offset: 20, cause: reason });
    expect(error.message).toContain('the line is cut');
    const gone = new DOMException('gone', 'AbortError');
    expect((await failure(decoder.decode(broken(gone, 20)), 'ABORTED')).cause).toBe(gone);
  });

  it('and gives what came before a stream failed on request', async () => {
    const source = broken(new TypeError('the line is cut'), file.length - 3);
    const { errors, height } = await decoder.decode(source, { partial: true });
    expect(height).toBe(40);
    expect(errors.map(({ code, tile }) => [code, tile])).toEqual([['TRUNCATED', 0]]);
  });

  it('until it is aborted, without waiting for the stream', async () => {
    let cancelled: unknown;
    const silent = new ReadableStream({
      cancel(reason) {
        cancelled = reason;
      },
    });
    const controller = new AbortController();
    const work = decoder.decode(silent, { signal: controller.signal });
    setTimeout(() => controller.abort('enough'), 5);
    const error = await failure(work, 'ABORTED');
    expect(error.cause).toBe('enough');
    expect(cancelled).toBe('enough');
  });
});
