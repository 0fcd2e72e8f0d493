import { describe, expect, it } from 'vitest';
import { PRICE_FACTOR_MAX, PRICE_MAX, type Prices } from '../../src/entropy/choice.js';
import { ShvqError } from '../../src/format/errors.js';
import { decodeTile, encodeTile } from '../../src/reference/tile.js';
import { BUILDS } from '../support/kernels.js';
import { syntheticModel, TINY, TORTURE } from '../support/models.js';
import { Random } from '../support/random.js';
import { latentOfSymbols, realisticModel } from '../support/realistic.js';
import { sparseLatent, TileBench } from '../support/tiles.js';

const SIZES = [
  [1, 1],
  [1, 7],
  [7, 1],
  [2, 1],
  [5, 3],
  [3, 5],
  [16, 16],
] as const;

const tiny = syntheticModel(1, TINY).decoder;
const torture = syntheticModel(2, TORTURE).decoder;
/** Nothing is a multiple of anything. */
const odd = syntheticModel(4, {
  ...TINY,
  channels: 15,
  group: 5,
  tapOutputs: 13,
  hidden: 7,
  centers: 3,
}).decoder;

/** What the reference makes of a tile drawn from a realistic model; made once for both builds. */
const REALISTIC = [
  { octave: -5.2, width: 64, height: 64 },
  { octave: -3.4, width: 31, height: 9 },
].map((tile) => ({ ...tile, make: once(() => drawTile(tile.octave, tile.width, tile.height)) }));

function drawTile(octave: number, width: number, height: number) {
  const model = realisticModel(octave);
  const bench = new TileBench(BUILDS[0].module, model, width, height, 50);
  const drawn = bench.decode(new Random(12).bytes(1 << 18));
  const data = latentOfSymbols(model, bench.quantizer, drawn);
  const latent = { width, height, channels: model.latent.channels, data };
  let bits = 0;
  const expected = encodeTile(model.context, bench.quantizer, latent, (low, high) => {
    bits += Math.log2(2 ** 20 / (high - low));
  });
  return { ...expected, model, data, drawn, bits };
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

it.each(REALISTIC)('$width x $height: costs at most 0.3 % above the ideal code length', (tile) => {
  const { drawn, payload, symbols, bits } = tile.make();
  expect(Buffer.compare(symbols, drawn)).toBe(0);
  expect(payload.length).toBeGreaterThan(1000);
  expect(payload.length * 8).toBeLessThan(bits * 1.003);
});

describe.each(BUILDS)('tiles in WebAssembly ($name)', ({ module }) => {
  /** Encodes and decodes like the reference. */
  function expectEqual(
    model: typeof tiny,
    width: number,
    height: number,
    quality: number,
    makeLatent: (bench: TileBench) => Int16Array,
    prices: (bench: TileBench) => Prices | undefined = () => undefined,
  ): void {
    const bench = new TileBench(module, model, width, height, quality);
    const data = makeLatent(bench);
    const latent = { width, height, channels: model.latent.channels, data };
    const expected = encodeTile(model.context, bench.quantizer, latent, undefined, prices(bench));
    expect(bench.encode(data, prices(bench))).toEqual(expected.payload);
    expect(bench.decode(expected.payload)).toEqual(expected.symbols);
    expect(bench.guarded).toBe(true);
  }

  describe.each([
    ['tiny', tiny],
    ['torture', torture],
    ['odd', odd],
  ] as const)('%s model', (_, model) => {
    it.each(SIZES)('codes %i x %i positions as the reference does', (width, height) => {
      for (const quality of [0, 37, 100]) {
        expectEqual(model, width, height, quality, (bench) =>
          sparseLatent(new Random(width * 100 + height), bench.quantizer, width * height, 2),
        );
      }
    });

    it.each([1, 473, PRICE_MAX])(
      'chooses symbols at prices to %i as the reference does',
      (most) => {
        const random = new Random(most);
        const { channels } = model.latent;
        const prices = (): Prices => ({
          positions: Int32Array.from({ length: 54 }, () => random.integer(0, most)),
          channels: Int32Array.from({ length: channels }, () =>
            random.integer(0, PRICE_FACTOR_MAX),
          ),
        });
        for (const quality of [0, 100]) {
          const drawn = prices();
          const sparse = (bench: TileBench) => sparseLatent(random, bench.quantizer, 54, 1.5);
          expectEqual(model, 9, 6, quality, sparse, () => drawn);
          const dense = () => Int16Array.from({ length: 54 * channels }, random.u32, random);
          const data = dense();
          expectEqual(
            model,
            9,
            6,
            quality,
            () => data,
            () => drawn,
          );
        }
      },
    );

    it('codes an all-zero latent', () => {
      const zeros = new Int16Array(4 * 3 * model.latent.channels);
      expectEqual(model, 4, 3, 50, () => zeros);
    });

    it.each([32767, -32768])('codes a latent that is %i everywhere', (value) => {
      const latent = new Int16Array(4 * 3 * model.latent.channels).fill(value);
      expectEqual(model, 4, 3, 100, () => latent);
    });

    it('codes the whole range of i16', () => {
      const random = new Random(9);
      expectEqual(model, 6, 6, 80, () =>
        Int16Array.from({ length: 36 * model.latent.channels }, () => random.u32()),
      );
    });

    it('decodes garbage to the symbols of the reference', () => {
      const random = new Random(5);
      for (const length of [0, 1, 4, 40, 4000]) {
        const bench = new TileBench(module, model, 9, 7, 60);
        const payload = random.bytes(length);
        const expected = decodeTile(model.context, bench.quantizer, 9, 7, payload);
        expect(bench.decode(payload)).toEqual(expected);
        expect(bench.guarded).toBe(true);
      }
    });

    it('refuses a payload that is no arithmetic code', () => {
      const bench = new TileBench(module, model, 2, 2, 60);
      const payload = new Uint8Array(8).fill(0xff);
      const refuse = expect.objectContaining({ name: 'ShvqError', code: 'CORRUPT' });
      expect(() => decodeTile(model.context, bench.quantizer, 2, 2, payload)).toThrow(ShvqError);
      expect(() => bench.decode(payload)).toThrow(refuse);
    });
  });

  it.each(REALISTIC)('codes a realistic tile of $width x $height positions', (tile) => {
    const { model, data, payload, symbols } = tile.make();
    const bench = new TileBench(module, model, tile.width, tile.height, 50);
    expect(Buffer.compare(bench.encode(data), payload)).toBe(0);
    expect(Buffer.compare(bench.decode(payload), symbols)).toBe(0);
  });

  it('codes tiles of several sizes one after the other', () => {
    const bench = new TileBench(module, tiny, 8, 8, 10);
    const data = sparseLatent(new Random(8), bench.quantizer, 64, 3);
    const first = bench.encode(data);
    bench.encode(data.subarray(0, 30 * tiny.latent.channels), undefined, 5, 6);
    expect(bench.encode(data)).toEqual(first);
  });

  it('refuses a tile larger than it was made for', () => {
    const bench = new TileBench(module, tiny, 4, 4, 10);
    const latent = new Int16Array(20 * tiny.latent.channels);
    expect(() => bench.encode(latent, undefined, 5, 4)).toThrow(ShvqError);
  });
});
