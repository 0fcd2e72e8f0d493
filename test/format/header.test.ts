import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/decode.js';
import { crc32c } from '../../src/format/crc32c.js';
import { memoryBound } from '../../src/format/limits.js';
import { writeImage } from '../../src/format/write-image.js';
import { failure } from '../support/codec.js';

const FIELDS = {
  width: 768,
  height: 512,
  quality: 75,
  colorSpace: 'srgb',
  modelId: '0123abcd',
  tileLog2: 10,
  isGrey: false,
} as const;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A file whose header check is right again after `change`. */
function changed(bytes: Uint8Array, headerBytes: number, change: (bytes: Uint8Array) => void) {
  const copy = bytes.slice();
  change(copy);
  const check = crc32c(copy.subarray(0, headerBytes - 2)) & 0xffff;
  copy[headerBytes - 2] = check & 255;
  copy[headerBytes - 1] = check >> 8;
  return copy;
}

describe('the header', () => {
  const tile = Uint8Array.from({ length: 20000 }, (_, i) => i & 255);
  const file = writeImage(FIELDS, [], [tile]);

  it('is 23 bytes for a photo of one tile, and these', () => {
    expect(file.length - tile.length).toBe(23);
    expect(hex(file.subarray(0, 23))).toBe(
      // SHV 1, flags, quality, model id, 768, 512; the tile's length and CRC; the check
      ['53485601', '20', '4b', '0123abcd', '8006', '8004', 'a09c01', 'de6696df', '9a56'].join(''),
    );
  });

  it('reads back what was written', () => {
    expect(readHeader(file)).toEqual({
      width: 768,
      height: 512,
      quality: 75,
      colorSpace: 'srgb',
      hasAlpha: false,
      isGrey: false,
      modelId: '0123abcd',
      tiles: {
        size: 1024,
        columns: 1,
        rows: 1,
        count: 1,
        offsets: Float64Array.of(23),
        lengths: Uint32Array.of(20000),
        checksums: Uint32Array.of(crc32c(tile, crc32c(file.subarray(0, 14)))),
      },
      chunks: [],
      fixedBytes: 14,
      headerBytes: 23,
      fileBytes: file.length,
      memory: memoryBound(768, 512, 1),
    });
  });

  it('needs no more than the first bytes, from any buffer or view', () => {
    const header = readHeader(file);
    const padded = new Uint8Array(40);
    padded.set(file.subarray(0, 23), 5);
    expect(readHeader(file.slice(0, 23).buffer)).toEqual(header);
    expect(readHeader(padded.subarray(5, 28))).toEqual(header);
    expect(readHeader(new DataView(padded.buffer, 5, 23))).toEqual(header);
    expect(readHeader(Buffer.from(file))).toEqual(header);
  });

  it('keeps chunks, Display P3 and many tiles', () => {
    const payload = Uint8Array.of(1, 2, 3);
    const tiles = Array.from({ length: 6 }, (_, i) => new Uint8Array(i * 60));
    const bytes = writeImage(
      { ...FIELDS, width: 130, height: 65, tileLog2: 6, colorSpace: 'display-p3' },
      [
        { type: 1, payload },
        { type: 2, payload: new Uint8Array(300) },
        { type: 200, payload },
      ],
      tiles,
    );
    const header = readHeader(bytes);
    expect(header).toMatchObject({ hasAlpha: true, colorSpace: 'display-p3' });
    expect(header.chunks.map(({ type, length }) => [type, length])).toEqual([
      [1, 3],
      [2, 300],
      [200, 3],
    ]);
    expect(header.chunks[0]!.checksum).toBe(crc32c(payload));
    expect(header.tiles).toMatchObject({ size: 64, columns: 3, rows: 2, count: 6 });
    expect([...header.tiles.lengths]).toEqual([0, 60, 120, 180, 240, 300]);
    expect(header.chunks[0]!.offset).toBe(header.headerBytes);
    expect(header.fileBytes).toBe(bytes.length);
  });

  it('is truncated at every length below its own', async () => {
    for (let length = 0; length < 23; length++) {
      const error = await failure(() => readHeader(file.subarray(0, length)), 'TRUNCATED');
      expect(error.offset).toBe(length);
    }
  });

  it.each([
    ['BAD_MAGIC', 0, 0x4a, 0],
    ['BAD_MAGIC', 2, 0x57, 0],
    ['UNSUPPORTED', 3, 2, 3],
    ['UNSUPPORTED', 4, 0x20 | 0x80, 4],
    ['UNSUPPORTED', 4, 0x20 | 0x04, 4],
    ['UNSUPPORTED', 4, 0x28, 4],
    ['CORRUPT', 5, 101, 5],
  ] as const)('says %s for byte %i = %i', async (code, at, value, offset) => {
    const bytes = changed(file, 23, (copy) => {
      copy[at] = value;
    });
    expect(await failure(() => readHeader(bytes), code)).toMatchObject({ offset });
  });

  it('finds a changed byte in the directory', async () => {
    for (let at = 14; at < 23; at++) {
      const bytes = file.slice();
      bytes[at]! ^= 2;
      expect((await failure(() => readHeader(bytes), 'CORRUPT')).offset).toBe(21);
    }
  });

  const head = [...file.subarray(0, 10)];
  const flagged = head.map((byte, i) => (i === 4 ? byte | 1 : byte));

  it.each([
    ['zero width', [...head, 0, 5], 'CORRUPT', 10],
    ['zero height', [...head, 5, 0], 'CORRUPT', 10],
    ['a number in a longer form than needed', [...head, 0x85, 0], 'CORRUPT', 10],
    ['a number of 33 bits', [...head, 255, 255, 255, 255, 31], 'CORRUPT', 10],
    ['a number of six bytes', [...head, 255, 255, 255, 255, 255, 1], 'CORRUPT', 10],
    ['no chunk where some are promised', [...flagged, 5, 5, 0], 'CORRUPT', 12],
    ['65 chunks', [...flagged, 5, 5, 65], 'CORRUPT', 12],
  ] as const)('refuses %s', async (_, bytes, code, offset) => {
    expect(await failure(() => readHeader(Uint8Array.from(bytes)), code)).toMatchObject({ offset });
  });

  it('does not believe a directory that is larger than the file', async () => {
    // 2^32 - 1 pixels each way: 2^44 tiles, which nobody can list in 40 bytes.
    const huge = Uint8Array.from([...head, ...Array(2).fill([255, 255, 255, 255, 15]).flat()]);
    const bytes = new Uint8Array(40);
    bytes.set(huge);
    await failure(() => readHeader(bytes), 'TRUNCATED');
    await failure(() => readHeader(bytes, { limits: {} }), 'LIMIT');
    const error = await failure(() => readHeader(file, { limits: { maxPixels: 1000 } }), 'LIMIT');
    expect(error.message).toContain('maxPixels');
  });

  it('skips unknown chunks of even type and refuses odd ones and doubles', async () => {
    const payload = Uint8Array.of(9);
    const write = (...types: number[]) =>
      writeImage(
        FIELDS,
        types.map((type) => ({ type, payload })),
        [tile],
      );
    expect(readHeader(write(8, 8)).chunks).toHaveLength(2);
    await failure(() => readHeader(write(3)), 'UNSUPPORTED');
    await failure(() => readHeader(write(2, 2)), 'CORRUPT');
  });

  it('promises the output and at most 24 MB for 12 megapixels', () => {
    const { memory } = readHeader(
      writeImage(
        { ...FIELDS, width: 4000, height: 3000 },
        [],
        Array.from({ length: 12 }, () => tile),
      ),
    );
    expect(memory.output).toBe(48e6);
    expect(memory.workspace).toBeLessThan(24e6);
  });
});
