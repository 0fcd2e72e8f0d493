import { costOf } from './cost.js';
import { applyGain, countBelow } from './distribution.js';
import { nearestCenter, type Quantizer } from './quantizer.js';

/** Errors beyond this count as this: 64 units of the quantizer's scale, so that a square fits. */
const ERROR_MAX = 65535;

/** The largest lambda: 256 squared units a bit. */
export const LAMBDA_MAX = 2 ** 20;

/**
 * The encoder's rate-distortion-optimised choice of a symbol: of the nearest center and its
 * neighbours towards zero and towards the mean, the one with the least
 * error^2 + lambda * bits, the error being that of the center on the quantizer's scale (the training
 * quantizes to the nearest center; the decoder's correction of the values is no part of it). Of equals the nearer to the nearest center, then the one towards zero.
 *
 * @param y The latent, units of 2^-10, i16.
 * @param mean Units of 2^-10 of the quantizer's scale.
 * @param scale Index of the distribution's scale.
 * @param lambda Price of a bit in units of 2^-12 of the square of the quantizer's unit,
 *   0..LAMBDA_MAX; 0 gives the nearest center.
 */
export function chooseSymbol(
  quantizer: Quantizer,
  channel: number,
  y: number,
  mean: number,
  scale: number,
  lambda: number,
): number {
  const { boundaries, centers, size } = quantizer;
  const z = applyGain(y, quantizer.gains[channel]!);
  const nearest = nearestCenter(z, boundaries);
  if (lambda === 0) return nearest;
  const score = (k: number): number => {
    const error = Math.min(Math.abs(z - centers[k]!), ERROR_MAX);
    const count = countBelow(quantizer, k + 1, mean, scale) - countBelow(quantizer, k, mean, scale);
    return error * error + lambda * costOf(count);
  };
  const towardsZero = Math.sign((size - 1) / 2 - nearest);
  const towardsMean = Math.sign(nearestCenter(mean, boundaries) - nearest);
  let best = nearest;
  if (towardsZero !== 0 || towardsMean !== 0) {
    let least = score(nearest);
    for (const step of towardsMean === towardsZero ? [towardsZero] : [towardsZero, towardsMean]) {
      if (step === 0) continue;
      const s = score(nearest + step);
      if (s < least) {
        least = s;
        best = nearest + step;
      }
    }
  }
  return best;
}
