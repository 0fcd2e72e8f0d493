import { costOf } from './cost.js';
import { applyGain, countBelow } from './distribution.js';
import { nearestCenter, type Quantizer } from './quantizer.js';

/** Errors beyond this count as this: 64 units of the quantizer's scale, so that a square fits. */
const ERROR_MAX = 65535;

/** The largest price of a position: 256 squared units a bit. */
export const PRICE_MAX = 2 ** 20;

/** The largest factor of a channel's price, units of 2^-8. */
export const PRICE_FACTOR_MAX = 2047;

/** Prices of a bit in a tile: that of a position times the factor of a channel. */
export interface Prices {
  /** [height][width]: 0..PRICE_MAX, see chooseSymbol. */
  readonly positions: Int32Array;
  /** [channels]: 0..PRICE_FACTOR_MAX, units of 2^-8. */
  readonly channels: Int32Array;
}

/** The same price for all symbols of a tile. */
export function flatPrices(price: number, positions: number, channels: number): Prices {
  return {
    positions: new Int32Array(positions).fill(price),
    channels: new Int32Array(channels).fill(256),
  };
}

/**
 * The encoder's rate-distortion-optimised choice of a symbol: from the nearest center towards zero,
 * and towards the mean, for as long as error^2 + price * bits falls, the error being that of the
 * center on the quantizer's scale (the training quantizes to the nearest center; the decoder's
 * correction of the values is no part of it). Of equals the nearest center, then towards zero.
 *
 * @param y The latent, units of 2^-10, i16.
 * @param mean Units of 2^-10 of the quantizer's scale.
 * @param scale Index of the distribution's scale.
 * @param price Of a bit in units of 2^-12 of the square of the quantizer's unit, 0..PRICE_MAX;
 *   0 gives the nearest center.
 */
export function chooseSymbol(
  quantizer: Quantizer,
  channel: number,
  y: number,
  mean: number,
  scale: number,
  price: number,
): number {
  const { boundaries, centers, size } = quantizer;
  const z = applyGain(y, quantizer.gains[channel]!);
  const nearest = nearestCenter(z, boundaries);
  if (price === 0) return nearest;
  const towardsZero = Math.sign((size - 1) / 2 - nearest);
  const towardsMean = Math.sign(nearestCenter(mean, boundaries) - nearest);
  if (towardsZero === 0 && towardsMean === 0) return nearest;
  const score = (k: number): number => {
    const error = Math.min(Math.abs(z - centers[k]!), ERROR_MAX);
    const count = countBelow(quantizer, k + 1, mean, scale) - countBelow(quantizer, k, mean, scale);
    return error * error + price * costOf(count);
  };
  let best = nearest;
  let least = score(nearest);
  for (const step of towardsMean === towardsZero ? [towardsZero] : [towardsZero, towardsMean]) {
    if (step === 0) continue;
    for (let k = nearest + step; k >= 0 && k < size; k += step) {
      const s = score(k);
      if (s >= least) break;
      least = s;
      best = k;
    }
  }
  return best;
}
