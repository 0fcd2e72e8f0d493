import { describe, expect, test } from 'vitest';
import { synthesisReach } from '../../src/model/reach.js';
import type {
  DecoderEngine,
  EncoderEngine,
  PictureDecoder,
  PictureSource,
  Rect,
} from '../../src/runtime/engine.js';
import { planOf } from '../../src/search/effort.js';
import {
  referenceDecoder,
  referenceEncoder,
  wasmDecoder,
  wasmEncoder,
} from '../support/engines.js';
import { BUILDS } from '../support/kernels.js';
import { FULL, syntheticModel, TINY, TORTURE } from '../support/models.js';
import { Random } from '../support/random.js';

const random = new Random(11);

function picture(width: number, height: number, step: 3 | 4): PictureSource {
  return { width, height, step, data: random.bytes(width * height * step) };
}

/** Latent positions of the whole picture as one tile. */
function wholeTile({ width, height }: { width: number; height: number }): Rect {
  return { x: 0, y: 0, width: Math.ceil(width / 16), height: Math.ceil(height / 16) };
}

/** What a tile's search comes to. */
function finish(coding: Generator<number, Uint8Array>): Uint8Array {
  for (;;) {
    const { done, value } = coding.next();
    if (done) return value;
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(1);
  }
}

function encode(engine: EncoderEngine, source: PictureSource, quality: number): Uint8Array {
  const work = engine.open(source);
  for (const done of work.analyze()) expect(done).toBeLessThanOrEqual(1);
  return finish(work.encodeTile(wholeTile(source), quality, planOf(0)));
}

function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length);
  expect(actual.findIndex((byte, i) => byte !== expected[i])).toBe(-1);
}

/** RGBA of a region. */
function pixels(work: PictureDecoder, region: Rect): Uint8Array {
  const out = new Uint8Array(region.width * region.height * 4);
  let next = region.y;
  for (const { y, height, data } of work.pixels(region)) {
    expect(y).toBe(next);
    expect(data.length).toBe(height * region.width * 4);
    out.set(data, (y - region.y) * region.width * 4);
    next = y + height;
  }
  expect(next).toBe(region.y + region.height);
  return out;
}

function crop(whole: Uint8Array, width: number, region: Rect): Uint8Array {
  const out = new Uint8Array(region.width * region.height * 4);
  for (let y = 0; y < region.height; y++) {
    const from = ((region.y + y) * width + region.x) * 4;
    out.set(whole.subarray(from, from + region.width * 4), y * region.width * 4);
  }
  return out;
}

function open(engine: DecoderEngine, payload: Uint8Array, width: number, height: number) {
  const work = engine.open(width, height, 60);
  work.decodeTile(wholeTile({ width, height }), payload);
  return work;
}

const MODELS = [
  { name: 'tiny', ...syntheticModel(1, TINY) },
  { name: 'torture', ...syntheticModel(2, TORTURE) },
  { name: 'another torture', ...syntheticModel(3, TORTURE) },
];

describe.each(BUILDS)('engines of the $name build', ({ name, module }) => {
  describe.each(MODELS)('with the $name model', ({ decoder, encoder }) => {
    test.each([
      [1, 1, 3],
      [16, 16, 4],
      [17, 33, 3],
      [97, 50, 4],
      [31, 200, 3],
    ] as const)('a picture of %i x %i, %i bytes a pixel', (width, height, step) => {
      const source = picture(width, height, step);
      const payload = encode(referenceEncoder(decoder, encoder), source, 60);
      expectBytes(encode(wasmEncoder(name, module, decoder, encoder), source, 60), payload);
      const whole = { x: 0, y: 0, width, height };
      const expected = pixels(open(referenceDecoder(decoder), payload, width, height), whole);
      const engine = wasmDecoder(name, module, decoder);
      expectBytes(pixels(open(engine, payload, width, height), whole), expected);
    });

    test('regions are crops of the whole', () => {
      const [width, height] = [230, 310];
      const source = picture(width, height, 3);
      const payload = encode(wasmEncoder(name, module, decoder, encoder), source, 60);
      const work = open(wasmDecoder(name, module, decoder), payload, width, height);
      const whole = pixels(work, { x: 0, y: 0, width, height });
      for (let i = 0; i < 25; i++) {
        const x = random.integer(0, width - 1);
        const y = random.integer(0, height - 1);
        const region = {
          x,
          y,
          width: random.integer(1, width - x),
          height: random.integer(1, height - y),
        };
        expectBytes(pixels(work, region), crop(whole, width, region));
      }
    });

    test('pictures of any size may be open at once', () => {
      const engine = wasmDecoder(name, module, decoder);
      const maker = wasmEncoder(name, module, decoder, encoder);
      const reference = referenceDecoder(decoder);
      const works = (
        [
          [20, 20],
          [130, 40],
          [130, 40],
          [16, 70],
        ] as const
      ).map(([width, height]) => {
        const payload = encode(maker, picture(width, height, 4), 60);
        const whole = { x: 0, y: 0, width, height };
        const expected = pixels(open(reference, payload, width, height), whole);
        return { work: open(engine, payload, width, height), whole, expected };
      });
      const running = works.map(({ work, whole }) => work.pixels(whole));
      for (const rows of running) rows.next();
      for (const { work, whole, expected } of works) {
        expectBytes(pixels(work, whole), expected);
        work.close();
        work.close();
        expect(() => work.symbols(wholeTile(whole))).toThrow(/closed/);
        expect(() => pixels(work, whole)).toThrow(/closed/);
      }
      expect(() => running[1]!.next()).toThrow(/closed/);
      const { whole, expected } = works[1]!;
      const payload = encode(maker, picture(130, 40, 4), 60);
      const again = open(engine, payload, 130, 40);
      expect(pixels(again, whole)).not.toEqual(expected);
    });

    test('symbols may be decoded in one place and bands made of them in others', () => {
      const [width, height] = [100, 220];
      const payload = encode(wasmEncoder(name, module, decoder, encoder), picture(100, 220, 3), 60);
      const whole = { x: 0, y: 0, width, height };
      const first = open(wasmDecoder(name, module, decoder), payload, width, height);
      const expected = pixels(first, whole);
      const margin = synthesisReach(decoder.synthesis);
      for (const engine of [wasmDecoder(name, module, decoder), referenceDecoder(decoder)]) {
        for (const [top, bottom] of [
          [0, 16],
          [16, 100],
          [100, 220],
        ] as const) {
          const band = engine.open(width, height, 60);
          const from = Math.max(0, (top >> 4) - margin);
          const to = Math.min(14, Math.ceil(bottom / 16) + margin);
          const rect = { x: 0, y: from, width: 7, height: to - from };
          const symbols = first.symbols(rect);
          expect(symbols).toHaveLength(rect.width * rect.height * decoder.latent.channels);
          band.setSymbols(rect, symbols);
          expect(band.symbols(rect)).toEqual(symbols);
          const region = { x: 0, y: top, width, height: bottom - top };
          expectBytes(pixels(band, region), crop(expected, width, region));
        }
      }
    });

    test.each([4, 8] as const)('previews at 1/%i', (shrink) => {
      for (const [width, height] of [
        [1, 1],
        [17, 33],
        [100, 70],
      ] as const) {
        const source = picture(width, height, 3);
        const payload = encode(wasmEncoder(name, module, decoder, encoder), source, 60);
        const whole = {
          x: 0,
          y: 0,
          width: Math.ceil(width / shrink),
          height: Math.ceil(height / shrink),
        };
        const run = (engine: DecoderEngine, region: Rect) => {
          const work = engine.open(width, height, 60, shrink);
          work.decodeTile(wholeTile({ width, height }), payload);
          const out = pixels(work, region);
          work.close();
          return out;
        };
        const engine = wasmDecoder(name, module, decoder);
        const expected = run(referenceDecoder(decoder), whole);
        expectBytes(run(engine, whole), expected);
        const region = { x: whole.width >> 1, y: whole.height >> 1, width: 1, height: 1 };
        expectBytes(run(engine, region), crop(expected, whole.width, region));
      }
    });

    test('tiles that are never decoded are zero symbols', () => {
      const whole = { x: 0, y: 0, width: 40, height: 30 };
      const bare = (engine: DecoderEngine) => pixels(engine.open(40, 30, 60), whole);
      expectBytes(bare(wasmDecoder(name, module, decoder)), bare(referenceDecoder(decoder)));
    });
  });

  test('the structure of the default profile', () => {
    const { decoder, encoder } = syntheticModel(4, FULL);
    const source = picture(72, 40, 4);
    const payload = encode(referenceEncoder(decoder, encoder), source, 80);
    expectBytes(encode(wasmEncoder(name, module, decoder, encoder), source, 80), payload);
    const whole = { x: 0, y: 0, width: 72, height: 40 };
    const run = (engine: DecoderEngine) => {
      const work = engine.open(72, 40, 80);
      work.decodeTile(wholeTile(whole), payload);
      return pixels(work, whole);
    };
    expectBytes(run(wasmDecoder(name, module, decoder)), run(referenceDecoder(decoder)));
  });

  test('memory is known beforehand and small', () => {
    const { decoder, encoder } = syntheticModel(4, FULL);
    const decoding = wasmDecoder(name, module, decoder).workspace(4000, 3000);
    expect(decoding).toBeLessThan(24 * 2 ** 20);
    const encoding = wasmEncoder(name, module, decoder, encoder);
    for (const effort of [0, 9]) {
      const bytes = encoding.workspace(4000, 3000, 512, planOf(effort));
      expect(bytes).toBeLessThan(64 * 2 ** 20);
    }
  });
});
