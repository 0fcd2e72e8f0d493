import { COLOR_SPACES } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import type { PictureSource } from '../runtime/engine.js';
import type { ColorSpace, ImageLike } from '../types.js';
import { isByteArray } from './bytes.js';

export type Picture = PictureSource & { readonly colorSpace: ColorSpace };

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) < 2 ** 32;
}

/**
 * Checks what the caller gives as an image.
 *
 * @throws ShvqError BAD_INPUT
 */
export function checkImage(image: ImageLike): Picture {
  if (typeof image !== 'object' || image === null) {
    throw new ShvqError('BAD_INPUT', 'The image must be an object with width, height and data');
  }
  const { width, height, data, colorSpace = 'srgb' } = image;
  if (!isSide(width) || !isSide(height)) {
    throw new ShvqError('BAD_INPUT', `An image of ${String(width)} x ${String(height)} pixels`);
  }
  if (!isByteArray(data)) {
    throw new ShvqError('BAD_INPUT', 'image.data must be a Uint8Array or a Uint8ClampedArray');
  }
  if (data.length === 0) {
    throw new ShvqError('BAD_INPUT', 'image.data is empty or its buffer is detached');
  }
  const step = data.length / (width * height);
  if (step !== 3 && step !== 4) {
    throw new ShvqError(
      'BAD_INPUT',
      `image.data has ${data.length} bytes; ${width} x ${height} pixels of RGB or RGBA have ` +
        `${width * height * 3} or ${width * height * 4}`,
    );
  }
  if (!COLOR_SPACES.includes(colorSpace as ColorSpace)) {
    throw new ShvqError('BAD_INPUT', `image.colorSpace must be one of ${COLOR_SPACES.join(', ')}`);
  }
  return { width, height, data, step, colorSpace: colorSpace as ColorSpace };
}
