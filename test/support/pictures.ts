import type { ImageLike } from '../../src/types.js';
import { Random } from './random.js';

/** RGBA bytes from a function of position and channel; values are rounded and clamped. */
export function paint(
  width: number,
  height: number,
  value: (x: number, y: number, channel: number) => number,
): ImageLike & { data: Uint8ClampedArray } {
  const data = new Uint8ClampedArray(width * height * 4);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 4; c++) data[at++] = value(x, y, c);
    }
  }
  return { width, height, data };
}

/** An opaque picture with slopes, edges and some noise. */
export function scene(width: number, height: number, seed = 1): ReturnType<typeof paint> {
  const random = new Random(seed);
  return paint(width, height, (x, y, c) => {
    if (c === 3) return 255;
    const slope = 40 + ((x * (c + 2) + y * (4 - c)) >> 2);
    return (((x >> 5) + (y >> 4)) & 1 ? 200 - slope / 4 : slope) + random.integer(-8, 8);
  });
}

/** The pixels of an RGBA picture as RGB. */
export function withoutAlpha({ width, height, data }: ImageLike): ImageLike {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c]!;
  }
  return { width, height, data: rgb };
}
