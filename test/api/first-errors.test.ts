/** Errors that users meet first: each says what to do. */
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createDecoder, readHeader } from '../../src/decode.js';
import { shortId } from '../../src/format/model-id.js';
import { failure, tinyDecoder, tinyEncoder } from '../support/codec.js';
import { modelFiles } from '../support/model-files.js';
import { scene } from '../support/pictures.js';

const file = await tinyEncoder().encode(scene(40, 30));
const page = new TextEncoder().encode('\n<!DOCTYPE html>\n<html><body>404</body></html>');

describe('a server that sends a web page in place of', () => {
  it('the picture', async () => {
    const { message } = await failure(tinyDecoder().decode(page), 'BAD_MAGIC');
    expect(message).toMatch(/Not a \.shv image file: it is a web page.*check its address/);
  });

  it('the model', async () => {
    const { message } = await failure(createDecoder({ model: page }).decode(file), 'BAD_MAGIC');
    expect(message).toMatch(/Not a \.shvw model file: it is a web page.*check its address/);
  });

  it('the kernels', async () => {
    const { message } = await failure(tinyDecoder({ wasm: page }).decode(file), 'BAD_INPUT');
    expect(message).toMatch(/no WebAssembly: it is a web page.*check its address/);
  });
});

describe('a file for another model', () => {
  const { modelId } = readHeader(file);

  it('than the one that was given: names both, and what to do', async () => {
    const other = createDecoder({ model: modelFiles(2).decoder });
    const given = shortId((await other.load()).modelId);
    expect(given).not.toBe(modelId);
    const { message } = await failure(other.decode(file), 'WRONG_MODEL');
    expect(message).toContain(`needs model ${modelId}`);
    expect(message).toContain(`${given} was given`);
    expect(message).toMatch(/leave `model` out/);
  });

  it('than those that the package carries: an old file, or a newer one', async () => {
    const { message } = await failure(createDecoder().decode(file), 'WRONG_MODEL');
    expect(message).toContain(`needs model ${modelId}`);
    expect(message).toMatch(/carries [0-9a-f]{8}.*newer version.*createDecoder\(\{ model \}\)/);
  });

  it('of a version that does not exist yet', async () => {
    const newer = file.slice();
    newer[3] = 200;
    const { message } = await failure(tinyDecoder().decode(newer), 'UNSUPPORTED');
    expect(message).toMatch(/version 200.*newer shvq/);
  });
});

describe('a host that forbids compilation', () => {
  /** Runs with the WebAssembly of a realm where V8 refuses to compile, as under a strict policy. */
  async function forbidden(work: () => Promise<void>): Promise<void> {
    const allowed = globalThis.WebAssembly;
    const strict = createContext({}, { codeGeneration: { strings: false, wasm: false } });
    globalThis.WebAssembly = runInContext('WebAssembly', strict);
    try {
      await work();
    } finally {
      globalThis.WebAssembly = allowed;
    }
  }

  it('gets the reference', () =>
    forbidden(async () => {
      const decoder = tinyDecoder();
      await decoder.decode(file);
      expect((await decoder.load()).build).toBe('reference');
    }));

  it('says how to allow it, where WebAssembly was asked for', () =>
    forbidden(async () => {
      const { message } = await failure(tinyDecoder({ wasm: 'simd' }).load(), 'ENVIRONMENT');
      expect(message).toMatch(/'wasm-unsafe-eval'.*shvq\/edge\/decode.*leave `wasm` out/);
    }));
});
