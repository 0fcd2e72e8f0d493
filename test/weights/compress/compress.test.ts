import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/format/limits.js';
import { compressWeights } from '../../../src/weights/compress/compress.js';
import { readWeights } from '../../../src/weights/decode/file.js';
import type { Tensor } from '../../../src/weights/types.js';
import { Random } from '../../support/random.js';
import {
  byName,
  forwardOn,
  layerOf,
  randomInputs,
  randomNetwork,
  relativeError,
  SIDES,
} from './network.js';

const tensors = randomNetwork(1);
const inputs = randomInputs(2);
const held = randomInputs(3);
const none = async (): Promise<void> => {};
const bytes = 1200;

/** Error of the outputs on inputs that compression has not seen. */
async function outputError(file: Uint8Array): Promise<number> {
  const decoded = byName(readWeights(file, DEFAULT_LIMITS).tensors);
  const forward = forwardOn(held);
  return relativeError(await forward(byName(tensors), none), await forward(decoded, none));
}

describe('compressWeights', () => {
  it('reaches the size asked for and never goes over it', async () => {
    const original = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
    for (const ratio of [2, 5, 8]) {
      const { file, ratio: reached } = await compressWeights(tensors, { ratio });
      expect(reached).toBeGreaterThanOrEqual(ratio);
      expect(reached).toBeLessThan(ratio * 1.05);
      expect(reached).toBe(original / file.length);
    }
  });

  it('keeps names, shapes and order', async () => {
    const { file } = await compressWeights(tensors, { bytes, forward: forwardOn(inputs) });
    const shapes = (list: readonly Tensor[]) => list.map(({ name, shape }) => [name, shape]);
    expect(shapes(readWeights(file, DEFAULT_LIMITS).tensors)).toEqual(shapes(tensors));
  });

  it('gives the same file each time', async () => {
    const once = () => compressWeights(tensors, { bytes, forward: forwardOn(inputs) });
    expect((await once()).file).toEqual((await once()).file);
  });

  it('gives the same file on every engine', async () => {
    const on = (wasm: 'simd' | 'plain' | 'reference') =>
      compressWeights(tensors, { bytes, forward: forwardOn(inputs), wasm });
    const { file } = await on('simd');
    expect((await on('plain')).file).toEqual(file);
    expect((await on('reference')).file).toEqual(file);
  });

  it('loses less at equal size where it may run the network', async () => {
    const layers = [0, 1, 2].map(layerOf);
    const blind = await compressWeights(tensors, { bytes, layers });
    const seeing = await compressWeights(tensors, { bytes, forward: forwardOn(inputs) });
    const [a, b] = [await outputError(blind.file), await outputError(seeing.file)];
    expect(a).toBeLessThan(0.5);
    expect(b).toBeLessThan(0.7 * a);
  });

  it('gains from fewer inputs than a layer has columns, too', async () => {
    const options = { bytes, layers: [0, 1, 2].map(layerOf) };
    const blind = await compressWeights(tensors, options);
    const few = forwardOn(inputs.subarray(0, 12 * SIDES[0]!));
    const seeing = await compressWeights(tensors, { ...options, forward: few });
    const [a, b] = [await outputError(blind.file), await outputError(seeing.file)];
    expect(b).toBeLessThan(0.6 * a);
  });

  it('quantizes pairs to vectors', async () => {
    const forward = forwardOn(inputs);
    const { content, file } = await compressWeights(tensors, {
      bytes: 1500,
      dimensions: 2,
      forward,
    });
    const kinds = content.tensors.map((t) => (t.mode === 'quantized' ? t.codebook.kind : t.mode));
    expect(kinds.filter((kind) => kind === 'vector')).toHaveLength(3);
    expect(await outputError(file)).toBeLessThan(0.3);
  });

  it('folds normalizations without a change of the network', async () => {
    const { file } = await compressWeights(tensors, {
      bytes: 5500,
      layers: [0, 1, 2].map(layerOf),
    });
    expect(await outputError(file)).toBeLessThan(1e-3);
  });

  it('folds statistics of normalizations whose layers it is not told', async () => {
    const { content, file } = await compressWeights(tensors, { bytes: 5500 });
    expect(await outputError(file)).toBeLessThan(3e-3);
    for (const { name, indices } of content.tensors.filter((t) => t.mode === 'quantized')) {
      if (/running_/.test(name)) expect(new Set(indices).size).toBe(1);
    }
  });

  it.each(['bias', 'weight'])(
    'takes normalizations of zeros as %s, as training begins',
    async (part) => {
      const zeroed = tensors.map((tensor) =>
        tensor.name === `bn0.${part}` ? { ...tensor, data: new Float32Array(SIDES[1]!) } : tensor,
      );
      const mean = zeroed.map((tensor) =>
        tensor.name === 'bn0.running_mean'
          ? { ...tensor, data: new Float32Array(SIDES[1]!) }
          : tensor,
      );
      const { file } = await compressWeights(mean, { bytes: 2000 });
      const decoded = byName(readWeights(file, DEFAULT_LIMITS).tensors);
      expect(decoded.get(`bn0.${part}`)!.data).toEqual(new Float32Array(SIDES[1]!));
    },
  );

  it('keeps the statistics of normalizations that lack a scale or a shift', async () => {
    const variance = Float32Array.from({ length: 32 }, (_, i) => 10 ** (-6 + i / 5));
    const vector = (name: string): Tensor => ({
      name,
      shape: [32],
      dtype: 'float32',
      data: variance,
    });
    const names = ['a/moving_variance', 'a/moving_mean', 'a/beta', 'b.running_var', 'scales'];
    const { file } = await compressWeights([...names.map(vector), ...tensors], { bytes: 2600 });
    const decoded = byName(readWeights(file, DEFAULT_LIMITS).tensors);
    for (const name of names) {
      expect(decoded.get(name)!.data).toEqual(variance);
    }
  });

  it('keeps integers, and numbers that are not finite, as they are', async () => {
    const random = new Random(5);
    const odd: Tensor[] = [
      { name: 'steps', shape: [2], dtype: 'int32', data: Int32Array.of(7, -9) },
      {
        name: 'broken',
        shape: [20, 20],
        dtype: 'float32',
        data: Float32Array.from({ length: 400 }, (_, i) => (i === 7 ? NaN : random.normal())),
      },
      { name: 'empty', shape: [0, 300], dtype: 'float32', data: new Float32Array(0) },
      { name: 'zeros', shape: [30, 30], dtype: 'float32', data: new Float32Array(900) },
    ];
    const { file } = await compressWeights([...odd, ...tensors], { bytes: 4000 });
    const decoded = readWeights(file, DEFAULT_LIMITS).tensors;
    for (const [i, { data }] of odd.entries()) expect(decoded[i]!.data).toEqual(data);
  });

  it('keeps the other weights where one dwarfs them', async () => {
    const random = new Random(8);
    const weights = Float32Array.from({ length: 4096 }, (_, i) =>
      i === 5 ? 100 : 0.02 * random.normal(),
    );
    const one: Tensor = { name: 'w', shape: [64, 64], dtype: 'float32', data: weights };
    const { file } = await compressWeights([one], { ratio: 4 });
    const decoded = readWeights(file, DEFAULT_LIMITS).tensors[0]!.data as Float32Array;
    expect(file.length).toBeGreaterThan(4000);
    expect(decoded[5]! / 100).toBeCloseTo(1, 4);
    const others = (data: Float32Array): Float32Array => data.map((x, i) => (i === 5 ? 0 : x));
    expect(relativeError(others(weights), others(decoded))).toBeLessThan(1e-3);
  });

  it('comes to an end with weights whose steps are no float32', async () => {
    const dead = { shape: [16, 16], dtype: 'float32' } as const;
    const data = Float32Array.from({ length: 256 }, (_, i) => (i % 2 ? 1e-44 : -1e-44));
    const { file } = await compressWeights([{ name: 'dead', ...dead, data }, ...tensors], {
      bytes: 3000,
    });
    expect(file.length).toBeGreaterThan(2850);
  });

  it('tells the least size where it cannot reach one', async () => {
    for (const wanted of [{ bytes: 40 }, { bytes: 1 }, { ratio: 1e5 }]) {
      await expect(compressWeights(tensors, wanted)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringMatching(/^No file of \d+ bytes: 2\d\d is the least$/),
      });
    }
  });

  it('reports progress up to one', async () => {
    const seen: number[] = [];
    await compressWeights(tensors, { bytes, onProgress: (fraction) => seen.push(fraction) });
    expect(seen.length).toBeGreaterThan(2);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(seen.at(-1)).toBe(1);
  });

  it('stops where its signal fires', async () => {
    const controller = new AbortController();
    const running = compressWeights(tensors, {
      bytes,
      forward: forwardOn(inputs),
      signal: controller.signal,
      onProgress: () => controller.abort('enough'),
    });
    await expect(running).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
  });

  it('refuses what cannot be', async () => {
    const bad = [{}, { ratio: 4, bytes: 100 }, { bytes: 0 }, { ratio: NaN }, { bytes: 40 }];
    for (const options of bad) {
      await expect(compressWeights(tensors, options)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
    const sound = { name: 'w', shape: [300], dtype: 'float32', data: new Float32Array(300) };
    for (const broken of [
      { shape: undefined },
      { shape: [17, 18] },
      { data: [1] },
      { dtype: 'f' },
    ]) {
      const one = { ...sound, ...broken } as unknown as Tensor;
      await expect(compressWeights([one], { bytes: 9 })).rejects.toMatchObject({
        code: 'BAD_INPUT',
        tensor: 'w',
      });
    }
  });
});
