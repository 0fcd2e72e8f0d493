import type { Transform } from '../model/layers.js';
import { transform } from './layers.js';
import { makeRows, type Rows } from './rows.js';
import { saturate } from './tensor.js';

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
): Rows {
  const columns = Math.ceil(width / stride) * stride;
  const rows = Math.ceil(height / stride) * stride;
  return makeRows(columns, rows, 3, (y, out) => {
    let at = 0;
    for (let x = 0; x < columns; x++) {
      const from = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * step;
      for (let c = 0; c < 3; c++) out[at++] = 2 * pixels[from + c]! - 255;
    }
  });
}

/** The latent y of a padded picture, units of 2^-10, not yet quantized. */
export function analyze(analysis: Transform, picture: Rows): Rows {
  const [trunk, shortcut] = transform(picture, analysis);
  return makeRows(trunk.width, trunk.height, trunk.channels, (y, out) => {
    const a = trunk.row(y);
    const b = shortcut.row(y);
    for (let i = 0; i < out.length; i++) out[i] = saturate(a[i]! + b[i]!);
  });
}
