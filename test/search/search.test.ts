import { describe, expect, it } from 'vitest';
import { msssim } from '../../src/cli/metrics/msssim.js';
import { psnr } from '../../src/cli/metrics/psnr.js';
import { createDecoder } from '../../src/decode.js';
import { createEncoder } from '../../src/encode.js';
import type { EncoderEngine, PictureSource, Rect } from '../../src/runtime/engine.js';
import { planOf } from '../../src/search/effort.js';
import { lambdaAt, objectiveOf } from '../../src/search/objective.js';
import { referenceEncoder, wasmEncoder } from '../support/engines.js';
import { BUILDS } from '../support/kernels.js';
import { syntheticModel, TINY, TORTURE } from '../support/models.js';
import { scene } from '../support/pictures.js';
import { Random } from '../support/random.js';

/** Payloads of a picture's tiles, in their order. */
function encode(
  engine: EncoderEngine,
  source: PictureSource,
  tiles: readonly Rect[],
  quality: number,
  effort: number,
): Uint8Array[] {
  const work = engine.open(source);
  for (const _ of work.analyze());
  return tiles.map((tile) => {
    const coding = work.encodeTile(tile, quality, planOf(effort));
    for (;;) {
      const { done, value } = coding.next();
      if (done) return value;
    }
  });
}

const whole = ({ height, width }: PictureSource): Rect[] => [
  { x: 0, y: 0, width: Math.ceil(width / 16), height: Math.ceil(height / 16) },
];

describe.each([
  ['tiny', TINY],
  ['torture', TORTURE],
])('search with the %s model', (_, shape) => {
  const { decoder, encoder } = syntheticModel(19, shape);
  const reference = referenceEncoder(decoder, encoder);
  const engines = BUILDS.map(({ module, name }) => wasmEncoder(name, module, decoder, encoder));

  it.each([
    [1, 1],
    [50, 37],
  ])('makes the same files in every engine: %i x %i', (width, height) => {
    const image = { ...scene(width, height), step: 4 } as const;
    for (const effort of [2, 3]) {
      for (const quality of [10, 90]) {
        const expected = encode(reference, image, whole(image), quality, effort);
        for (const engine of engines) {
          expect(encode(engine, image, whole(image), quality, effort)).toEqual(expected);
        }
      }
    }
  });

  it('makes the same files in every engine from noise, in tiles', () => {
    const image = {
      width: 96,
      height: 80,
      step: 3,
      data: new Random(4).bytes(96 * 80 * 3),
    } as const;
    const tiles = [
      { x: 0, y: 0, width: 4, height: 4 },
      { x: 4, y: 0, width: 2, height: 4 },
      { x: 0, y: 4, width: 4, height: 1 },
      { x: 4, y: 4, width: 2, height: 1 },
    ];
    const expected = encode(reference, image, tiles, 80, 3);
    for (const engine of engines) {
      expect(encode(engine, image, tiles, 80, 3)).toEqual(expected);
    }
  });
});

describe('search with the shipped model', () => {
  const encoder = createEncoder();
  const decoder = createDecoder();

  it.each([0, 255])('keeps a flat picture of %i flat', async (value) => {
    const data = new Uint8ClampedArray(64 * 64 * 4).fill(value);
    for (let i = 3; i < data.length; i += 4) data[i] = 255;
    const flat = { width: 64, height: 64, data };
    const errorAt = async (effort: number): Promise<number> => {
      const file = await encoder.encode(flat, { quality: 90, effort });
      const decoded = await decoder.decode(file);
      return decoded.data.reduce((most, v, i) => Math.max(most, Math.abs(v - data[i]!)), 0);
    };
    expect(await errorAt(5)).toBeLessThanOrEqual(Math.max(3, await errorAt(0)));
  });

  it('lowers bits + lambda * distortion as the effort grows', async () => {
    const image = scene(192, 176);
    const lambda = lambdaAt(objectiveOf('default'), 50);
    const costs: number[] = [];
    for (const effort of [0, 2, 4]) {
      const file = await encoder.encode(image, { quality: 50, effort });
      const decoded = await decoder.decode(file);
      const mse = 10 ** (-psnr(decoded, image) / 10);
      const distortion = 1 - msssim(decoded, image) + 10 * mse;
      costs.push(file.length * 8 + lambda * distortion * 192 * 176);
    }
    expect(costs[1]).toBeLessThan(costs[0]!);
    expect(costs[2]).toBeLessThan(costs[1]!);
  });

  it('fits a target better than the nearest centers', async () => {
    const image = scene(192, 160);
    const plain = await encoder.encode(image, { targetBytes: 1500, effort: 0 });
    const searched = await encoder.encode(image, { targetBytes: 1500, effort: 2 });
    expect(searched.length).toBeLessThanOrEqual(1500);
    // The quality is the sixth byte.
    expect(searched[5]!).toBeGreaterThanOrEqual(plain[5]!);
  });
});
