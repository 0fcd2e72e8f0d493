import { COUNT_BITS } from '../format/constants.js';

/** Costs are in units of 2^-8 bit. */
export const COST_BITS = 8;

/**
 * round(log2(x) * 2^8) for x in [1, 2) in units of 2^-24, by squaring: each bit of a logarithm says
 * whether the square reaches 2.
 */
function fractionOfLog2(x: number): number {
  let log = 0;
  for (let bit = 0; bit < COST_BITS + 4; bit++) {
    x = Math.floor((x * x) / 2 ** 24);
    log *= 2;
    if (x >= 2 ** 25) {
      x = Math.floor(x / 2);
      log++;
    }
  }
  return (log + 8) >> 4;
}

/** LOG2[i] = log2(1 + i / 256) in units of 2^-8, i in 0..255. Integer arithmetic throughout. */
export const LOG2: Uint16Array = Uint16Array.from({ length: 256 }, (_, i) =>
  fractionOfLog2((256 + i) << 16),
);

/** Cost of a cell of `count` of the 2^20 counts, count >= 1: -log2(count / 2^20), units of 2^-8 bit. */
export function costOf(count: number): number {
  const zeros = Math.clz32(count) - (31 - COUNT_BITS);
  const mantissa = ((count << zeros) >>> (COUNT_BITS - 8)) & 255;
  return (zeros << COST_BITS) - LOG2[mantissa]!;
}
