import sharp from 'sharp';
import type { ImageLike } from '../../src/types.js';
import { paint, scene, withoutAlpha } from '../../test/support/pictures.js';
import { Random } from '../../test/support/random.js';

/** Pictures that the cases are made of. */

export { scene, withoutAlpha };

export function noise(width: number, height: number): ImageLike {
  const random = new Random(7);
  return paint(width, height, (_x, _y, c) => (c === 3 ? 255 : random.integer(0, 255)));
}

export function flat(width: number, height: number, rgb: readonly number[]): ImageLike {
  return paint(width, height, (_x, _y, c) => rgb[c] ?? 255);
}

export function grey(width: number, height: number): ImageLike {
  return paint(width, height, (x, y, c) => (c === 3 ? 255 : ((x * 5) ^ (y * 3)) & 255));
}

/** A disc with a soft edge on a transparent ground. */
export function sticker(size: number): ImageLike {
  return paint(size, size, (x, y, c) => {
    const [dx, dy] = [2 * x - size, 2 * y - size];
    return c === 3 ? (size * size * 0.6 - dx * dx - dy * dy) / 8 : 60 * c + x;
  });
}

/** A scene whose alpha is noise, of two values or of all. */
export function noisyAlpha(width: number, height: number, binary: boolean): ImageLike {
  const random = new Random(11);
  const { data } = scene(width, height);
  for (let i = 3; i < data.length; i += 4) {
    const value = random.integer(0, 255);
    data[i] = binary ? 255 * (value & 1) : value;
  }
  return { width, height, data };
}

export function transparent(width: number, height: number): ImageLike {
  return paint(width, height, (x, y, c) => (c === 3 ? 0 : x * y * c));
}

/** A part of the photo that the repository carries. */
export async function photo(
  left: number,
  top: number,
  width: number,
  height: number,
): Promise<ImageLike> {
  const data = await sharp('examples/photo/kodim23.png')
    .extract({ left, top, width, height })
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height, data: new Uint8Array(data) };
}
