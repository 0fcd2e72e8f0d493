import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/decode.js';
import { resolveLimits } from '../../src/format/limits.js';
import { shortId } from '../../src/format/model-id.js';
import { writeImage } from '../../src/format/write-image.js';
import { MemoryInput } from '../../src/image/file-input.js';
import type { EngineBuild } from '../../src/runtime/engine.js';
import { openFile } from '../../src/runtime/open-file.js';
import type { ByteSource, DecodedRows, DecodeOptions } from '../../src/types.js';
import { expectSameBytes, failure, MODEL, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { paint, scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

const encoder = tinyEncoder();
const decoder = tinyDecoder();
const random = new Random(3);
/** Noise that fades in from the top. */
const ghost = (x: number, y: number, c: number) =>
  c === 3 ? (x > 75 ? 255 : Math.min(y, 255)) : random.integer(0, 255);

/** 3 x 5 tiles; the second with alpha and metadata. */
const opaque = await encoder.encode(scene(150, 300), { tileLog2: 6, quality: 90 });
const metadata = { icc: random.bytes(300), xmp: random.bytes(40) };
const transparent = await encoder.encode(paint(150, 300, ghost), { tileLog2: 6, ...metadata });

/** Sends a file in pieces; tells how much of it has been asked for. */
class Trickle {
  sent = 0;
  cancelled: unknown = 'not yet';

  constructor(
    private readonly file: Uint8Array,
    private readonly sizes: () => number,
  ) {}

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        pull: (controller) => {
          const end = Math.min(this.sent + this.sizes(), this.file.length);
          if (this.sent < end) controller.enqueue(this.file.slice(this.sent, end));
          else controller.close();
          this.sent = end;
        },
        cancel: (reason) => {
          this.cancelled = reason;
        },
      },
      { highWaterMark: 0 },
    );
  }
}

/** The rows in one, checked to follow each other. */
async function gather(rows: DecodedRows, each?: (y: number) => void): Promise<Uint8ClampedArray> {
  const out = new Uint8ClampedArray(rows.width * rows.height * 4);
  let next = 0;
  for await (const { y, width, height, data } of rows) {
    expect([y, width]).toEqual([next, rows.width]);
    expect(data.length).toBe(width * height * 4);
    expect(data.buffer.byteLength).toBe(data.length);
    out.set(data, y * width * 4);
    next = y + height;
    each?.(next);
  }
  expect(next).toBe(rows.height);
  return out;
}

describe.each<EngineBuild>(['simd', 'plain', 'reference'])('rows of the %s build', (wasm) => {
  const local = tinyDecoder({ wasm });

  it.each([
    ['opaque', opaque],
    ['transparent', transparent],
  ])('are the %s picture, trickling in', async (_, file) => {
    const { data, ...info } = await decoder.decode(file);
    const source = new Trickle(file, () => random.integer(1, 7));
    const rows = await local.decodeRows(source.stream());
    const { tiles } = readHeader(file);
    // Header and chunks have come, and no more than one piece of the tiles.
    expect(source.sent).toBeLessThan(tiles.offsets[0]! + 7);
    expect(rows).toMatchObject(info);
    const sent: { y: number; bytes: number }[] = [];
    expectSameBytes(await gather(rows, (y) => sent.push({ y, bytes: source.sent })), data);
    // A row needs its row of tiles and what lies within the synthesis' reach below it.
    for (const { y, bytes } of sent) {
      const row = Math.min(Math.floor((y + 6 * 16) / 64), tiles.rows - 1);
      const last = (row + 1) * tiles.columns - 1;
      expect(bytes).toBeLessThan(tiles.offsets[last]! + tiles.lengths[last]! + 7);
    }
    expect(sent[0]!.bytes).toBeLessThan(tiles.offsets[9]!);
  });

  it('are the region of the whole', async () => {
    const region = { x: 31, y: 70, width: 90, height: 61 };
    const { data } = await decoder.decode(transparent, { region });
    const source = new Trickle(transparent, () => 1000);
    const rows = await local.decodeRows(source.stream(), { region });
    expect(rows).toMatchObject({ width: 90, height: 61 });
    expectSameBytes(await gather(rows), data);
  });
});

describe('rows', () => {
  it.each<[string, () => ByteSource]>([
    ['an ArrayBuffer', () => opaque.buffer],
    ['a view', () => Buffer.from(opaque)],
    ['a Blob', () => new Blob([opaque])],
    ['a Response', () => new Response(opaque)],
    ['a stream in one piece', () => new Trickle(opaque, () => 1 << 20).stream()],
  ])('come from %s', async (_, source) => {
    const { data } = await decoder.decode(opaque);
    expectSameBytes(await gather(await decoder.decodeRows(source())), data);
  });

  it('do not wait for other pictures of the same decoder', async () => {
    const { data } = await decoder.decode(opaque);
    const rows = await decoder.decodeRows(opaque);
    let inner = 0;
    const out = await gather(rows, () => inner++);
    expectSameBytes(out, data);
    for await (const { y } of await decoder.decodeRows(transparent)) {
      if (y > 0) break;
      expectSameBytes((await decoder.decode(opaque)).data, data);
      expectSameBytes(await gather(await decoder.decodeRows(opaque)), data);
    }
  });

  it('end the stream when nobody wants more of them', async () => {
    const source = new Trickle(opaque, () => 50);
    for await (const { y } of await decoder.decodeRows(source.stream())) {
      expect(y).toBe(0);
      break;
    }
    expect(source.cancelled).toBe(undefined);
    expect(source.sent).toBeLessThan(opaque.length);
  });

  it('end the stream when they are given up before the first', async () => {
    const source = new Trickle(opaque, () => 50).stream();
    const rows = (await decoder.decodeRows(source))[Symbol.asyncIterator]();
    expect(source.locked).toBe(true);
    await rows.return?.();
    expect(source.locked).toBe(false);
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  it('of a region at the top do not wait for the rest of the file', async () => {
    const source = new Trickle(opaque, () => 50);
    const region = { x: 0, y: 0, width: 20, height: 10 };
    await gather(await decoder.decodeRows(source.stream(), { region }));
    expect(source.sent).toBeLessThan(opaque.length);
    expect(source.cancelled).toBe(undefined);
  });

  it('stop at an abort, also while the stream is silent', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const rows = await decoder.decodeRows(opaque, { signal });
    const work = gather(rows, () => controller.abort('enough'));
    expect((await failure(work, 'ABORTED')).cause).toBe('enough');

    const silent = new AbortController();
    let pieces = 0;
    let cancelled: unknown;
    const stalled = new ReadableStream({
      pull(stream) {
        if (pieces++ === 0) stream.enqueue(opaque.slice(0, 600));
        else return new Promise(() => {});
        return undefined;
      },
      cancel(reason) {
        cancelled = reason;
      },
    });
    const waiting = gather(await decoder.decodeRows(stalled, { signal: silent.signal }));
    setTimeout(() => silent.abort('over'), 5);
    await failure(waiting, 'ABORTED');
    expect(cancelled).toBe('over');
  });

  it('report progress that rises to 1', async () => {
    const seen: number[] = [];
    const big = await encoder.encode(scene(900, 700), { tileLog2: 8 });
    const options: DecodeOptions = { onProgress: (done) => seen.push(done) };
    await gather(await decoder.decodeRows(big, options));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });
});

describe('a damaged stream', () => {
  const { tiles, headerBytes } = readHeader(opaque);

  it('delivers the rows before the damage, then names it', async () => {
    const bytes = opaque.slice();
    bytes[tiles.offsets[13]! + 2]! ^= 4;
    let rows = 0;
    const work = gather(
      await decoder.decodeRows(new Trickle(bytes, () => 64).stream()),
      (y) => (rows = y),
    );
    const error = await failure(work, 'CORRUPT');
    expect(error).toMatchObject({ tile: 13, offset: tiles.offsets[13] });
    expect(rows).toBeGreaterThan(100);
  });

  it('is truncated where it ends', async () => {
    for (let length = 0; length < opaque.length; length += length < headerBytes ? 1 : 97) {
      const source = new Trickle(opaque.subarray(0, length), () => 5).stream();
      const work = async () => gather(await decoder.decodeRows(source));
      expect((await failure(work, 'TRUNCATED')).offset).toBe(length);
    }
  });

  it('has no bytes after its end', async () => {
    const longer = new Uint8Array(opaque.length + 1);
    longer.set(opaque);
    const work = gather(await decoder.decodeRows(new Trickle(longer, () => 99).stream()));
    expect((await failure(work, 'CORRUPT')).offset).toBe(opaque.length);
  });

  it('gives what is left of it on request', async () => {
    const cut = opaque.subarray(0, tiles.offsets[7]! + 10);
    const rows = await decoder.decodeRows(new Trickle(cut, () => 33).stream(), { partial: true });
    expect(rows.errors).toEqual([]);
    const data = await gather(rows);
    expect(rows.errors.map(({ code, tile }) => [code, tile])).toEqual(
      [7, 8, 9, 10, 11, 12, 13, 14].map((tile) => ['TRUNCATED', tile]),
    );
    const whole = await decoder.decode(opaque);
    expectSameBytes(data.subarray(0, 30 * 600), whole.data.subarray(0, 30 * 600));
  });

  it('says where the stream failed, and why', async () => {
    const broken = () => {
      let pieces = 0;
      return new ReadableStream({
        pull(controller) {
          if (pieces++ === 0) controller.enqueue(opaque.slice(0, 500));
          else controller.error(new Error('the line is cut'));
        },
      });
    };
    const work = async () => gather(await decoder.decodeRows(broken()));
    const error = await failure(work, 'TRUNCATED');
    expect(error.offset).toBe(500);
    expect(error.message).toContain('the line is cut');
    const rows = await decoder.decodeRows(broken(), { partial: true });
    await gather(rows);
    expect(rows.errors[0]).toMatchObject({ code: 'TRUNCATED', offset: 500 });
  });

  it('is no longer than maxBytes', async () => {
    const source = new Trickle(opaque, () => 100).stream();
    const work = async () =>
      gather(await decoder.decodeRows(source, { limits: { maxBytes: 1000 } }));
    await failure(work, 'LIMIT');
  });

  it('of a large directory is read in a few attempts', async () => {
    // 4096 tiles; a header of 24 KB that comes a byte at a time.
    const fields = { width: 4096, height: 4096, quality: 50, tileLog2: 6, isGrey: false };
    const modelId = shortId(MODEL.decoder.id);
    const payloads = Array.from({ length: 4096 }, (_, i) => new Uint8Array(i % 200));
    const bytes = writeImage({ ...fields, colorSpace: 'srgb', modelId }, [], payloads);
    const header = readHeader(bytes);
    expect(header.tiles.count).toBe(4096);
    const source = new Trickle(bytes.subarray(0, header.headerBytes + 1500), () => 1).stream();
    const started = performance.now();
    const rows = await decoder.decodeRows(source);
    expect(rows.width).toBe(4096);
    expect(performance.now() - started).toBeLessThan(5000);
    const memory = new MemoryInput(bytes);
    let reads = 0;
    const input = {
      length: undefined,
      read: (offset: number, length: number) => {
        reads++;
        return memory.read(offset, length);
      },
      close: () => {},
    };
    expect((await openFile(input, resolveLimits())).header.tiles.count).toBe(4096);
    expect(reads).toBeLessThan(20);
  });
});
