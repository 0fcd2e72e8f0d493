import { describe, expect, it } from 'vitest';
import { quantizerAt } from '../../src/entropy/quantizer.js';
import { sha256 } from '../../src/model/sha256.js';
import { analyze, padPicture } from '../../src/reference/analysis.js';
import { collect, rowsOf } from '../../src/reference/rows.js';
import { dequantize, synthesize } from '../../src/reference/synthesis.js';
import { zeros } from '../../src/reference/tensor.js';
import { decodeTile, encodeTile } from '../../src/reference/tile.js';
import { syntheticModel, TINY, TORTURE } from '../support/models.js';
import { Random } from '../support/random.js';

describe.each([
  ['tiny', TINY],
  ['torture', TORTURE],
])('the reference codec with the %s model', (_, shape) => {
  const { decoder, encoder } = syntheticModel(7, shape);
  const random = new Random(11);

  it.each([
    [1, 1],
    [3, 5],
    [70, 20],
    [17, 161],
  ])('decodes the symbols that it encoded: %i x %i', (width, height) => {
    const pixels = random.bytes(width * height * 3);
    const latent = collect(analyze(encoder.analysis, padPicture(pixels, 3, width, height, 16)));
    for (const quality of [0, 37, 100]) {
      const quantizer = quantizerAt(decoder, quality);
      let bits = 0;
      const { payload, symbols } = encodeTile(decoder.context, quantizer, latent, (low, high) => {
        bits += Math.log2(2 ** 20 / (high - low));
      });
      expect(payload.length * 8).toBeLessThan(bits * 1.003 + 16);
      const { width: w, height: h } = latent;
      expect(decodeTile(decoder.context, quantizer, w, h, payload)).toEqual(symbols);
    }
  });

  it('turns any bytes into symbols below the number of centers', () => {
    const quantizer = quantizerAt(decoder, 50);
    for (let n = 0; n < 20; n++) {
      const payload = random.bytes(random.integer(0, 400));
      const symbols = decodeTile(decoder.context, quantizer, 4, 3, payload);
      expect(symbols.every((k) => k < decoder.centers.length)).toBe(true);
    }
  });
});

it('synthesizes the golden picture', () => {
  const { decoder } = syntheticModel(1);
  const quantizer = quantizerAt(decoder, 60);
  const random = new Random(9);
  const symbols = Uint8Array.from({ length: 4 * 3 * 16 }, () => random.integer(5, 9));
  const latent = zeros(4, 3, quantizer.channels);
  dequantize(quantizer, symbols, latent.data);
  const rgb = synthesize(decoder.synthesis, rowsOf(latent));
  expect(sha256(Uint8Array.from(collect(rgb).data))).toBe(
    'a7e0c90311a21726a7dc30a7253518b39a795f55aa1c7da9914ea318ccf787f4',
  );
});
