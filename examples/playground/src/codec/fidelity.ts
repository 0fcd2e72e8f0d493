import { MSSSIM_SIDE_MIN, msssim } from '../../../../src/cli/metrics/msssim.js';
import { psnr } from '../../../../src/cli/metrics/psnr.js';
import type { Fidelity, Raster } from './types.js';

/** The side of the square in the middle that is measured where the whole would take too long. */
const SIDE_MAX = 2048;

/** PSNR and MS-SSIM of a decoded picture, of its middle where it is larger than 2048 pixels. */
export function fidelity(source: Raster, decoded: Raster): Fidelity {
  const a = middle(source);
  const b = middle(decoded);
  const deep = Math.min(a.width, a.height) >= MSSSIM_SIDE_MIN;
  return { psnr: psnr(a, b), msssim: deep ? msssim(a, b) : undefined };
}

function middle(picture: Raster): Raster {
  const width = Math.min(picture.width, SIDE_MAX);
  const height = Math.min(picture.height, SIDE_MAX);
  if (width === picture.width && height === picture.height) return picture;
  const left = (picture.width - width) >> 1;
  const top = (picture.height - height) >> 1;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 4;
    data.set(picture.data.subarray(from, from + width * 4), y * width * 4);
  }
  return { width, height, data };
}
