import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/decode.js';
import { memoryBound } from '../../src/format/limits.js';
import { wasmDecoder } from '../../src/runtime/wasm-decoder.js';
import { tinyDecoder, tinyEncoder } from '../support/codec.js';
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
    const engine = wasmDecoder(build.name, build.module, model);
    const tiles = Math.ceil(width / 1024) * Math.ceil(height / 1024);
    const { output, workspace } = memoryBound(width, height, tiles);
    expect(output).toBe(width * height * 4);
    expect(engine.workspace(width, height)).toBeLessThanOrEqual(workspace);
  });
});

describe('decoding', () => {
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
