import type { ScalarModel } from '../model/layers.js';
import { gainOf } from './distribution.js';
import { EXP2 } from './tables.js';

/** The quantizer of one quality: everything that turns symbols into latents and back. */
export interface Quantizer {
  readonly channels: number;
  /** Number of centers L. */
  readonly size: number;
  /** [L], units of 2^-10. */
  readonly centers: Int32Array;
  /** [L - 1]: boundaries[k - 1] lies between cell k - 1 and cell k. Units of 2^-10. */
  readonly boundaries: Int32Array;
  /** [channels]: lg, units of 1/256 octave. */
  readonly logGains: Int32Array;
  /** [channels]: 2^(lg / 256) in units of 2^-8. */
  readonly gains: Int32Array;
  /** [channels][L]: dequantized values, units of 2^-10 of the latent. */
  readonly values: Int16Array;
}

/** b_k = (c_{k-1} + c_k) >> 1: section 5. */
export function boundariesOf(centers: Int32Array): Int32Array {
  return Int32Array.from(
    { length: centers.length - 1 },
    (_, k) => (centers[k]! + centers[k + 1]!) >> 1,
  );
}

/** Row of a [rates][channels] table at a quality in 0..100, interpolated: section 4. */
export function interpolateRates(
  table: Int16Array,
  rates: number,
  channels: number,
  quality: number,
): Int32Array {
  const p = quality * (rates - 1);
  const i = Math.max(0, Math.min(Math.floor(p / 100), rates - 2));
  const f = p - 100 * i;
  return Int32Array.from({ length: channels }, (_, c) => {
    const low = table[i * channels + c]!;
    // A table of one rate has no other; f is 0 then.
    const high = table[(i + 1) * channels + c] ?? low;
    return Math.floor((low * (100 - f) + high * f + 50) / 100);
  });
}

/** The dequantized value of a center at exponent e = li - lg: section 4. */
export function dequantize(center: number, e: number, max: number): number {
  const value = Math.floor((center * EXP2[e & 255]!) / (1 << (14 - (e >> 8))) + 0.5);
  return Math.min(Math.max(value, -max), max);
}

/** The quantizer of a model at a quality in 0..100. */
export function quantizerAt(model: ScalarModel, quality: number): Quantizer {
  const { channels, max } = model.latent;
  const size = model.centers.length;
  const logGains = interpolateRates(model.encoderGains, model.rates, channels, quality);
  const corrections = interpolateRates(model.decoderGains, model.rates, channels, quality);
  const values = new Int16Array(channels * size);
  for (let c = 0; c < channels; c++) {
    const e = corrections[c]! - logGains[c]!;
    for (let k = 0; k < size; k++) {
      values[c * size + k] = dequantize(model.centers[k]!, e, max);
    }
  }
  return {
    channels,
    size,
    centers: model.centers,
    boundaries: boundariesOf(model.centers),
    logGains,
    gains: logGains.map(gainOf),
    values,
  };
}

/** Nearest center of z (units of 2^-10): the number of boundaries not above it. Section 5. */
export function nearestCenter(z: number, boundaries: Int32Array): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (boundaries[middle]! <= z) low = middle + 1;
    else high = middle;
  }
  return low;
}
