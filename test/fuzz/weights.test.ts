import { describe, expect, it } from 'vitest';
import { BitReader } from '../../src/entropy/adaptive.js';
import { BitWriter } from '../../src/entropy/bit-writer.js';
import { RangeDecoder } from '../../src/entropy/range-decoder.js';
import { RangeEncoder } from '../../src/entropy/range-encoder.js';
import { crc32c } from '../../src/format/crc32c.js';
import { ShvqError } from '../../src/format/errors.js';
import { resolveLimits } from '../../src/format/limits.js';
import { ByteReader } from '../../src/format/reader.js';
import { ByteWriter } from '../../src/format/writer.js';
import { concatenate } from '../../src/image/bytes.js';
import { codeText, TEXT_CONTEXTS } from '../../src/weights/coder/text.js';
import { readWeights } from '../../src/weights/decode/file.js';
import { writeWeights } from '../../src/weights/format/write.js';
import type { StoredTensor } from '../../src/weights/types.js';
import { Counter, mutate } from '../support/mutate.js';
import { Random } from '../support/random.js';
import { losslessTensor, quantizedTensor } from '../support/tensors.js';
import { hashTensors, WEIGHTS_ENGINES } from '../support/weights.js';

const MUTANTS = 600;
const random = new Random(17);
const limits = resolveLimits({ maxMemory: 2 ** 24 });

const tensors: StoredTensor[] = [
  quantizedTensor(random, 'conv.weight', [16, 8, 3, 3], 'uniform'),
  quantizedTensor(random, 'conv.bias', [16], 'scalar'),
  quantizedTensor(random, 'dense.weight', [10, 30], 'vector'),
  losslessTensor(random, 'dense.bias', [10], 0),
  losslessTensor(random, 'steps', [3], 10),
  losslessTensor(random, 'table', [20, 4], 6),
];
const original = writeWeights({ metadata: '{"a": 1}', tensors }, { blockElements: 500 });

/** The header's text, and what follows the header. */
function open(file: Uint8Array): { text: Uint8Array; rest: Uint8Array } {
  const reader = new ByteReader(file, 'The file');
  reader.take(4);
  const text = new Uint8Array(reader.varint());
  const code = reader.take(reader.varint());
  codeText(new BitReader(new RangeDecoder(code), TEXT_CONTEXTS), text);
  return { text, rest: file.subarray(reader.position + 4) };
}

/** A file with another header text, and with checksums that are right as far as can be made out. */
function close(text: Uint8Array, rest: Uint8Array): Uint8Array {
  const coder = new RangeEncoder();
  codeText(new BitWriter(coder, TEXT_CONTEXTS), text.slice());
  const code = coder.finish();
  const head = new ByteWriter();
  head.bytes([0x53, 0x48, 0x57, 1]);
  head.varint(text.length);
  head.varint(code.length);
  head.bytes(code);
  let checksum = crc32c(head.finish());
  head.u32(checksum);
  const parts: Uint8Array[] = [head.finish()];
  const reader = new ByteReader(rest, 'The blocks');
  while (reader.remaining > 5) {
    const length = Math.min(reader.varint(), reader.remaining - 4);
    reader.u32();
    const payload = reader.take(length);
    checksum = crc32c(payload, checksum);
    const block = new ByteWriter();
    block.varint(length);
    block.u32(checksum);
    parts.push(block.finish(), payload);
  }
  return concatenate(parts);
}

/** Damage that checksums do not catch. */
function mutateContent(): Uint8Array {
  const { text, rest } = open(original);
  const blocks = rest.slice();
  if (random.integer(0, 2) > 0) {
    for (let n = random.integer(1, 3); n > 0; n--) {
      text[random.integer(0, text.length - 1)] = random.integer(0, 1)
        ? random.u32() & 255
        : [0, 1, 2, 16, 32, 127, 128, 255][random.integer(0, 7)]!;
    }
  } else {
    for (let n = random.integer(1, 9); n > 0; n--) {
      blocks[random.integer(8, blocks.length - 1)] = random.u32() & 255;
    }
  }
  try {
    return close(text, blocks);
  } catch {
    return blocks;
  }
}

describe('600 damaged weights files', () => {
  it('end in a ShvqError, or in tensors that all engines agree on', async () => {
    const codes = new Counter();
    for (let n = 0; n < MUTANTS; n++) {
      // The runner's reports need the event loop now and then.
      if (n % 20 === 0) await new Promise(setImmediate);
      const bytes = n % 3 ? mutateContent() : mutate(random, original, original);
      const outcomes = WEIGHTS_ENGINES.map((engine) => {
        try {
          return hashTensors(readWeights(bytes, limits, engine).tensors);
        } catch (error) {
          if (error instanceof ShvqError) return error.code;
          const text = Buffer.from(bytes).toString('base64');
          throw new Error(`Mutant ${n}: ${text}`, { cause: error });
        }
      });
      expect(new Set(outcomes).size, Buffer.from(bytes).toString('base64')).toBe(1);
      codes.add(outcomes[0]!.length === 64 ? 'tensors' : outcomes[0]!);
    }
    console.log(`What became of them: ${codes}`);
    for (const code of ['tensors', 'CORRUPT', 'TRUNCATED']) {
      expect(codes.get(code)).toBeGreaterThan(5);
    }
  });
});

describe('a damaged weights file', () => {
  const errorOf = (bytes: Uint8Array): ShvqError => {
    try {
      readWeights(bytes, limits);
    } catch (error) {
      if (error instanceof ShvqError) return error;
    }
    throw new Error('No ShvqError');
  };

  it('is refused wherever it is cut off', () => {
    for (let length = 0; length < original.length; length += 7) {
      expect(['TRUNCATED', 'BAD_MAGIC']).toContain(errorOf(original.subarray(0, length)).code);
    }
  });

  it('is refused whichever byte is wrong, with the place', () => {
    for (let at = 4; at < original.length; at += 11) {
      const bytes = original.slice();
      bytes[at]! ^= 0x10;
      const { code, offset, tensor } = errorOf(bytes);
      expect(['CORRUPT', 'TRUNCATED']).toContain(code);
      expect(offset ?? tensor).toBeDefined();
    }
  });

  it('names the tensors of a block that fails its checksum', () => {
    const bytes = original.slice();
    bytes[bytes.length - 1]! ^= 1;
    expect(errorOf(bytes)).toMatchObject({ code: 'CORRUPT', tensor: 'conv.bias' });
  });

  it('may not have blocks in another order, nor those of another file', () => {
    const other = writeWeights({ metadata: '{"a": 2}', tensors }, { blockElements: 500 });
    const { rest } = open(other);
    const mixed = original.slice();
    mixed.set(rest, original.length - rest.length);
    expect(errorOf(mixed).code).toBe('CORRUPT');
  });

  it('is refused where its tensors need more memory than is allowed', () => {
    const huge: StoredTensor = {
      ...({ mode: 'quantized', name: 'zeros', shape: [2 ** 20, 5], axis: 0 } as const),
      codebook: { kind: 'uniform', step: 1 },
      indices: new Int32Array(5 * 2 ** 20),
    };
    const bytes = writeWeights({ metadata: '', tensors: [huge] });
    expect(bytes.length).toBeLessThan(20_000);
    expect(errorOf(bytes).code).toBe('LIMIT');
  });

  it.each([
    ['another magic', [1, 2, 3, 1], 'BAD_MAGIC'],
    ['a later version', [0x53, 0x48, 0x57, 2, 0, 0], 'UNSUPPORTED'],
    ['nothing', [], 'TRUNCATED'],
  ])('is refused with %s', (_, bytes, code) => {
    expect(errorOf(Uint8Array.from(bytes)).code).toBe(code);
  });
});
