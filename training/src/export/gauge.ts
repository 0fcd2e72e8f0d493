import { GAIN_EXPONENT_MAX, GAIN_EXPONENT_MIN } from '../../../src/format/constants.ts';
import type { Layout } from '../model/parameters.ts';
import { octaves, tensorsOf } from './float.ts';

/** What multiplies the dequantized latent. */
const READERS = [
  'synthesis.stem.w',
  'synthesis.shortcut.w',
  'context.taps.w',
  'context.groupLinks.w',
];

/**
 * The same model with another unit of the dequantized latent, where the format's gains would leave
 * their range: training is free to make latents small and the layers that read them large. Encoder
 * gains below the least, by which training turns channels off, become the least.
 */
export function fitGains(layout: Layout, flat: Float32Array): Float32Array {
  const fitted = flat.slice();
  const tensor = tensorsOf(layout, fitted);
  const [encoder, decoder] = [tensor('gains.encoder'), tensor('gains.decoder')];
  const least = (GAIN_EXPONENT_MIN * Math.LN2) / 256;
  encoder.forEach((gain, i) => {
    encoder[i] = Math.max(least, gain);
  });
  const [e, d] = [octaves(encoder), octaves(decoder)];
  const most = e.reduce((found, gain, i) => Math.max(found, gain - d[i]), 0);
  // Rounding of both may add one.
  const shift = Math.max(0, most + 1 - GAIN_EXPONENT_MAX);
  if (shift === 0) return fitted;
  for (let i = 0; i < decoder.length; i++) decoder[i] += (shift * Math.LN2) / 256;
  for (const name of READERS) {
    if (!layout.byName.has(name)) continue;
    const weights = tensor(name);
    for (let i = 0; i < weights.length; i++) weights[i] *= 2 ** (-shift / 256);
  }
  return fitted;
}
