import type { Transform } from '../model/layers.js';
import { transform } from './layers.js';
import { saturate, type Tensor, zeros } from './tensor.js';

/**
 * A picture as the analysis transform reads it: 2 * value - 255, the last column and row repeated
 * up to multiples of the stride. docs/format.md, section 7.5.
 *
 * @param pixels Bytes, [height][width][step]; the first three of each pixel are R, G, B.
 */
export function padPicture(
  pixels: ArrayLike<number>,
  step: 3 | 4,
  width: number,
  height: number,
  stride: number,
): Tensor {
  const out = zeros(Math.ceil(width / stride) * stride, Math.ceil(height / stride) * stride, 3);
  let at = 0;
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x++) {
      const from = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * step;
      for (let c = 0; c < 3; c++) out.data[at++] = 2 * pixels[from + c]! - 255;
    }
  }
  return out;
}

/** The latent y of a padded picture, units of 2^-10, not yet quantized. */
export function analyze(analysis: Transform, picture: Tensor): Tensor {
  const [trunk, shortcut] = transform(picture, analysis);
  return { ...trunk, data: trunk.data.map((t, i) => saturate(t + shortcut.data[i]!)) };
}
