import { describe, expect, it } from 'vitest';
import { AlphaDecoder } from '../../src/image/alpha.js';
import { AlphaEncoder, isOpaque } from '../../src/image/alpha-encoder.js';
import { sha256 } from '../../src/model/sha256.js';
import { paint } from '../support/pictures.js';
import { Random } from '../support/random.js';

type Plane = (x: number, y: number) => number;

function encode(width: number, height: number, alpha: Plane): Uint8Array {
  const { data } = paint(width, height, (x, y, c) => (c === 3 ? alpha(x, y) : 77));
  const encoder = new AlphaEncoder(width);
  for (let y = 0; y < height; y++) encoder.write(data.subarray(y * width * 4, (y + 1) * width * 4));
  const payload = encoder.finish();
  const decoder = new AlphaDecoder(payload, width);
  const row = new Uint8Array(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row[x] = data[(y * width + x) * 4 + 3]!;
    expect(Buffer.compare(decoder.next(), row)).toBe(0);
  }
  return payload;
}

const random = new Random(5);
const disc: Plane = (x, y) =>
  255 * Math.min(Math.max(150.5 - Math.hypot(x - 201.3, y - 160.7), 0), 1);

describe('alpha', () => {
  // Bytes at most; PNG and lossless WebP need far more for all but noise.
  it.each<[string, Plane, number]>([
    ['transparent', () => 0, 8],
    ['half transparent', () => 128, 12],
    ['two halves', (x) => (x < 131 ? 0 : 255), 20],
    ['a disc with soft edges', disc, 1500],
    ['a slope', (x) => x / 2, 200],
    ['a slope in both directions', (x, y) => (x + 2 * y) / 6, 9500],
    ['a soft shadow', (x, y) => 255 / (1 + ((x - 200) ** 2 + (y - 160) ** 2) / 4000), 16000],
    ['black and white noise', () => 255 * random.integer(0, 1), 400 * 320 * 0.13],
    ['noise', () => random.integer(0, 255), 400 * 320 * 1.12],
  ])('%s comes back exactly and costs little', (_, plane, bytes) => {
    expect(encode(400, 320, plane).length).toBeLessThanOrEqual(bytes);
  });

  it.each([
    [1, 1],
    [1, 4096],
    [4096, 1],
    [17, 31],
    [16, 2],
    [33, 7],
    [513, 769],
  ])('comes back at %i x %i', (width, height) => {
    encode(width, height, () => random.integer(0, 255));
    encode(width, height, (x, y) => ((x * 7 + y * 13) % 31 < 15 ? 0 : 255 - (x & 3)));
  });

  it('is this code', () => {
    const mixed: Plane = (x, y) =>
      x < 40 ? ((x * y) & 7 ? 0 : 255) : x < 80 ? (x * 3 + y * 2) & 255 : (x * x * y) & 255;
    expect(sha256(encode(120, 50, mixed))).toBe(
      'f13aa4fdd5909620cac5f12ccdcaf33dd90aff8b0ff2cdde3b0953f90e76a05c',
    );
  });

  it('reads any bytes without failing otherwise than by CORRUPT', () => {
    for (let n = 0; n < 200; n++) {
      const decoder = new AlphaDecoder(random.bytes(random.integer(0, 60)), 50);
      for (let y = 0; y < 50; y++) expect(decoder.next()).toHaveLength(50);
    }
    expect(() => new AlphaDecoder(Uint8Array.of(255, 255, 255, 255), 1)).toThrow('invalid');
  });

  it('is not there where all is opaque', () => {
    expect(isOpaque(Uint8Array.of(0, 0, 0, 255, 9, 9, 9, 255))).toBe(true);
    expect(isOpaque(Uint8Array.of(0, 0, 0, 255, 9, 9, 9, 254))).toBe(false);
  });
});
