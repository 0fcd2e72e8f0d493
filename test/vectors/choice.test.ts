import { expect, it } from 'vitest';
import { nearestVector } from '../../src/entropy/assign.js';
import { applyGain } from '../../src/entropy/distribution.js';
import { type Assign, chooseVectors } from '../../src/vectors/choice.js';
import { encodeVectors } from '../../src/vectors/histogram.js';
import { vectorQuantizerAt } from '../../src/vectors/quantizer.js';
import { vectorModel } from '../support/models.js';
import { Random } from '../support/random.js';

const { decoder } = vectorModel(1);
const quantizer = vectorQuantizerAt(decoder, 60);
const { centers, dimension, gains, symbols: n } = quantizer;
const random = new Random(3);
const [width, height, channels] = [20, 10, decoder.latent.channels];
const latent = {
  width,
  height,
  channels,
  data: Int16Array.from({ length: width * height * channels }, () =>
    Math.round(random.normal() * 500),
  ),
};

const assign: Assign = (vectors, table, length) =>
  Uint16Array.from({ length: vectors.length / length }, (_, i) =>
    nearestVector(vectors.subarray(i * length, (i + 1) * length), table),
  );

function choose(share: number): Uint16Array {
  const choosing = chooseVectors(quantizer, latent, share, assign);
  for (;;) {
    const { done, value } = choosing.next();
    if (done) return value;
    expect(value).toBeLessThan(1);
  }
}

const vectorAt = (position: number, s: number) =>
  Array.from({ length: dimension }, (_, i) =>
    applyGain(latent.data[position * channels + i * n + s]!, gains[s]!),
  );

function error(symbols: Uint16Array): number {
  let sum = 0;
  symbols.forEach((k, at) => {
    vectorAt(Math.floor(at / n), at % n).forEach((z, i) => {
      sum += (z - centers[k * dimension + i]!) ** 2;
    });
  });
  return sum;
}

it('takes the nearest centers', () => {
  const symbols = choose(0);
  symbols.forEach((k, at) => {
    expect(k).toBe(nearestVector(vectorAt(Math.floor(at / n), at % n), centers));
  });
});

it('gives up distance for bits as the price rises', () => {
  let before = { bytes: Number.POSITIVE_INFINITY, error: -1 };
  for (const share of [0, 30, 200, 2000]) {
    const symbols = choose(share);
    const now = { bytes: encodeVectors(quantizer, symbols).length, error: error(symbols) };
    expect(now.bytes).toBeLessThan(before.bytes);
    expect(now.error).toBeGreaterThan(before.error);
    before = now;
  }
});
