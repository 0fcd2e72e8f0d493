import type { Quantizer } from '../entropy/quantizer.js';
import { PIXEL_BITS } from '../format/constants.js';
import type { Transform } from '../model/layers.js';
import { transform } from './layers.js';
import { clamp, type Tensor, zeros } from './tensor.js';

/** Symbols [height][width][channels] to the latent that the networks read. */
export function dequantize(
  quantizer: Quantizer,
  symbols: Uint8Array,
  width: number,
  height: number,
): Tensor {
  const { channels, size, values } = quantizer;
  const latent = zeros(width, height, channels);
  for (let i = 0; i < symbols.length; i++) {
    latent.data[i] = values[(i % channels) * size + symbols[i]!]!;
  }
  return latent;
}

/** 127.5 grey levels and the half that rounds, in units of 2^-6. */
const OFFSET = 255 << (PIXEL_BITS - 1);
const HALF = 1 << (PIXEL_BITS - 1);

/**
 * The picture of a latent: docs/format.md, section 7.2.
 *
 * @returns RGB bytes, [stride * height][stride * width][3].
 */
export function synthesize(synthesis: Transform, latent: Tensor): Uint8Array {
  const [trunk, shortcut] = transform(latent, synthesis);
  return Uint8Array.from(trunk.data, (t, i) =>
    clamp((t + shortcut.data[i]! + OFFSET + HALF) >> PIXEL_BITS, 0, 255),
  );
}
