import { describe, expect, it } from 'vitest';
import { BitWriter } from '../../src/entropy/bit-writer.js';
import { RangeEncoder } from '../../src/entropy/range-encoder.js';
import { crc32c } from '../../src/format/crc32c.js';
import { DEFAULT_LIMITS, resolveLimits } from '../../src/format/limits.js';
import { ByteWriter } from '../../src/format/writer.js';
import { codeText, TEXT_CONTEXTS } from '../../src/weights/coder/text.js';
import { readWeights } from '../../src/weights/decode/file.js';
import { readHeader } from '../../src/weights/format/read-header.js';
import { packWeights, type Tensor } from '../../src/weights.js';

/** A file's header with this text, whose checksum is right. */
function headerOf(text: Uint8Array, size = text.length): Uint8Array {
  const coder = new RangeEncoder();
  codeText(new BitWriter(coder, TEXT_CONTEXTS), text.slice());
  const code = coder.finish();
  const out = new ByteWriter();
  out.bytes([0x53, 0x48, 0x57, 1]);
  out.varint(size);
  out.varint(code.length);
  out.bytes(code);
  out.u32(crc32c(out.finish()));
  return out.finish();
}

/** Fields of a header of no metadata and no tensors, up to a number, and things of zeros and ones. */
function listOf(thing: readonly number[], count: number, ...before: number[]): Uint8Array {
  const out = new ByteWriter();
  out.bytes([0, 0, ...before]);
  out.varint(count);
  const head = out.finish();
  const text = new Uint8Array(head.length + thing.length * count);
  text.set(head);
  for (let i = 0; i < count; i++) text.set(thing, head.length + i * thing.length);
  return text;
}

const CODING = [0, 1, 0, 0, 0];
const CODEBOOK = [0, 0, 0, 128, 63];
const COUNT = 100_000;

describe('a header of weights', () => {
  it.each([
    ['codings', listOf(CODING, COUNT, 0)],
    ['codebooks', listOf(CODEBOOK, COUNT)],
  ])('may not hold more %s than tensors that can have them', (what, text) => {
    const file = headerOf(text);
    expect(file.length).toBeLessThan(100);
    const message = `The header holds ${COUNT} as a number of ${what}; it must be below 1`;
    expect(() => readHeader(file, DEFAULT_LIMITS)).toThrow(
      expect.objectContaining({ code: 'CORRUPT', message }),
    );
  });

  it('counts its fields against the memory, before it decodes them', () => {
    const file = headerOf(listOf([0], 1000));
    expect(() => readHeader(file, resolveLimits({ maxMemory: 60_000 }))).toThrow(
      expect.objectContaining({ code: 'LIMIT' }),
    );
    expect(() => readHeader(file, resolveLimits({ maxMemory: 70_000 }))).toThrow(
      expect.objectContaining({ code: 'CORRUPT' }),
    );
  });

  it('has a text of 64 MiB at most, whatever the memory', () => {
    const file = headerOf(new Uint8Array(10), 2 ** 26 + 1);
    expect(() => readHeader(file, resolveLimits({ maxMemory: Infinity }))).toThrow(
      expect.objectContaining({ code: 'CORRUPT' }),
    );
  });

  it('holds UTF-8 and nothing else', () => {
    // Metadata of one byte, which begins a longer character, and no tensors.
    expect(() => readHeader(headerOf(Uint8Array.of(1, 0xc3, 0, 0, 0)), DEFAULT_LIMITS)).toThrow(
      expect.objectContaining({ code: 'CORRUPT' }),
    );
  });
});

describe('names of tensors', () => {
  const named = (name: string): Tensor => ({
    name,
    shape: [1],
    dtype: 'int8',
    data: Int8Array.of(1),
  });

  it('come back with a byte order mark at their front', () => {
    const file = packWeights([named('\ufeffa'), named('a')], { metadata: '\ufeff{}' });
    const { metadata, tensors } = readWeights(file, DEFAULT_LIMITS);
    expect(tensors.map(({ name }) => name)).toEqual(['\ufeffa', 'a']);
    expect(metadata).toBe('\ufeff{}');
  });

  it('may not hold half a character, which no file can tell from another half', () => {
    expect(() => packWeights([named('a\ud800')])).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', tensor: 'a\ud800' }),
    );
    expect(() => packWeights([named('😀')])).not.toThrow();
  });

  it('may not be missing, nor may shapes', () => {
    for (const broken of [{ name: undefined }, { shape: undefined }, { shape: 1 }]) {
      const tensor = { ...named('a'), ...broken } as unknown as Tensor;
      expect(() => packWeights([tensor])).toThrow(
        expect.objectContaining({ name: 'ShvqError', code: 'BAD_INPUT' }),
      );
    }
  });
});
