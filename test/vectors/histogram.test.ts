import { describe, expect, it } from 'vitest';
import { decodeVectors, encodeVectors } from '../../src/vectors/histogram.js';
import { type VectorQuantizer, vectorQuantizerAt } from '../../src/vectors/quantizer.js';
import { VECTOR_TORTURE, VECTORS, vectorModel } from '../support/models.js';
import { Random } from '../support/random.js';

const random = new Random(21);

/** A quantizer that knows nothing of its symbols: every question is open. */
function ignorant(size: number, symbols: number): VectorQuantizer {
  return {
    symbols,
    dimension: 1,
    size,
    centers: new Int16Array(size),
    gains: new Int32Array(symbols),
    values: new Int16Array(size * symbols),
    start: new Int32Array(symbols * (size - 1)).fill(2 ** 21),
    confidence: 0,
  };
}

describe('adaptive histograms', () => {
  it.each([
    ['small', vectorQuantizerAt(vectorModel(1, VECTORS).decoder, 30)],
    ['torture', vectorQuantizerAt(vectorModel(2, VECTOR_TORTURE).decoder, 30)],
    ['two centers', ignorant(2, 3)],
    ['a thousand', ignorant(1000, 2)],
  ])('give the symbols back: %s', (_, quantizer) => {
    const symbols = Uint16Array.from({ length: 900 * quantizer.symbols }, () =>
      random.integer(0, quantizer.size - 1),
    );
    expect(decodeVectors(quantizer, encodeVectors(quantizer, symbols), 900)).toEqual(symbols);
  });

  it('make a symbol of any bytes', () => {
    const quantizer = vectorQuantizerAt(vectorModel(2, VECTOR_TORTURE).decoder, 30);
    for (let n = 0; n < 50; n++) {
      const bytes = random.bytes(random.integer(0, 60));
      if (bytes.length > 3) bytes[0] = 0;
      const symbols = decodeVectors(quantizer, bytes, 40);
      expect(symbols.every((symbol) => symbol < quantizer.size)).toBe(true);
    }
  });

  it('learn: a file costs little more than the entropy of what is in it', () => {
    const quantizer = ignorant(1000, 1);
    // Geometric: entropy of 2 bits, and hardly ever a large one.
    const symbols = Uint16Array.from({ length: 20000 }, () => {
      let k = 0;
      while (k < 999 && random.integer(0, 1) === 1) k++;
      return k;
    });
    const bits = encodeVectors(quantizer, symbols).length * 8;
    expect(bits).toBeGreaterThan(2 * symbols.length * 0.97);
    expect(bits).toBeLessThan(2 * symbols.length * 1.05);
  });
});
