import { describe, expect, it } from 'vitest';
import * as layout from '../../assembly/tile-layout.js';
import { RangeEncoder } from '../../src/entropy/range-encoder.js';
import { BUILDS } from '../support/kernels.js';
import { Random } from '../support/random.js';

type Cell = [low: number, high: number];
const TOTAL = 2 ** 20;

interface CoderKernels {
  startEncoder(state: number): void;
  encodeCell(state: number, low: number, high: number): void;
  finishEncoder(state: number): void;
}

const STATE = 1 << 16;
const BYTES = STATE + 1024;

function goldenCells(): Cell[] {
  const random = new Random(1);
  return Array.from({ length: 64 }, (): Cell => {
    const low = random.integer(0, TOTAL - 2);
    return [low, random.integer(low + 1, TOTAL)];
  });
}

describe.each(BUILDS)('arithmetic coder in WebAssembly ($name)', ({ module }) => {
  const memory = new WebAssembly.Memory({ initial: 4 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as unknown as CoderKernels;

  /** The bytes that found room, and whether all did. */
  function encode(cells: readonly Cell[], capacity: number): [Uint8Array, boolean] {
    const state = new Uint32Array(memory.buffer, STATE, 16);
    state[layout.CODER_POSITION / 4] = BYTES;
    state[layout.CODER_END / 4] = BYTES + capacity;
    kernels.startEncoder(STATE);
    for (const [low, high] of cells) kernels.encodeCell(STATE, low, high);
    kernels.finishEncoder(STATE);
    const bytes = new Uint8Array(memory.buffer).slice(BYTES, state[layout.CODER_POSITION / 4]);
    return [bytes, state[layout.CODER_OVERFLOW / 4] === 0];
  }

  it('writes the golden bytes', () => {
    const [bytes, complete] = encode(goldenCells(), 100);
    expect(complete).toBe(true);
    expect(Buffer.from(bytes).toString('hex')).toMatch(
      /^6a8b839f258c3595e3dc9afbd3e9f2c2d91c5ea66b16(00)*$/,
    );
  });

  it('writes what the reference writes, and zeros', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed);
      const cells = Array.from({ length: 3000 }, (): Cell => {
        const width = [1, 2, 64, TOTAL >> 1, TOTAL - 1, TOTAL][random.integer(0, 5)]!;
        const low = seed & 1 ? TOTAL - width : random.integer(0, TOTAL - width);
        return [low, low + width];
      });
      const reference = new RangeEncoder();
      for (const [low, high] of cells) reference.encode(low, high);
      const expected = reference.finish();
      const [bytes, complete] = encode(cells, 100_000);
      expect(complete).toBe(true);
      expect(bytes.subarray(0, expected.length)).toEqual(expected);
      expect(bytes.subarray(expected.length).every((byte) => byte === 0)).toBe(true);
    }
  });

  it('says when its room ends, and writes nothing behind it', () => {
    const [all] = encode(goldenCells(), 100);
    for (let capacity = 0; capacity < all.length; capacity++) {
      const behind = new Uint8Array(memory.buffer, BYTES + capacity, 100).fill(0xa5);
      const [bytes, complete] = encode(goldenCells(), capacity);
      expect(complete).toBe(false);
      expect(bytes).toEqual(all.slice(0, capacity));
      expect(behind.every((byte) => byte === 0xa5)).toBe(true);
    }
  });
});
