import { type Pixels, pixelStep, requireSameSize } from './pixels.js';

/**
 * Peak signal-to-noise ratio in dB over R, G and B together; alpha is left out. Equal pictures give
 * Infinity.
 *
 * @throws RangeError if the two pictures differ in size.
 */
export function psnr(a: Pixels, b: Pixels): number {
  requireSameSize(a, b);
  const stepA = pixelStep(a);
  const stepB = pixelStep(b);
  const count = a.width * a.height;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const difference = a.data[i * stepA + channel]! - b.data[i * stepB + channel]!;
      sum += difference * difference;
    }
  }
  return 10 * Math.log10((255 * 255 * 3 * count) / sum);
}
