import type { Quantizer } from '../../src/entropy/quantizer.js';
import type { ScalarModel } from '../../src/model/layers.js';
import { FULL, syntheticModel } from './models.js';

/**
 * The default structure with the statistics of a trained model: most symbols are zero, fewer so in
 * the first channels than in the last. Decoding random bytes draws symbols from its distributions.
 *
 * @param octave Log-scale of the first channel's latent, in octaves; three less in the last.
 */
export function realisticModel(octave: number): ScalarModel {
  const model = syntheticModel(1, FULL).decoder;
  const { groupSize, groups } = model.context;
  groups.forEach(({ parameters }, g) => {
    for (let i = 0; i < groupSize; i++) {
      const channel = g * groupSize + i;
      const logScale = octave - (3 * channel) / model.latent.channels;
      parameters.bias[groupSize + i] =
        Math.round(logScale * 256) * 2 ** model.context.parameters.shift;
    }
    // Means and log-scales that vary by a fraction of an octave.
    parameters.weights.forEach((w, i) => {
      parameters.weights[i] = w >> 4;
    });
  });
  return model;
}

/** A latent that is quantized to these symbols, [positions][channels]. */
export function latentOfSymbols(
  model: ScalarModel,
  { channels, gains }: Quantizer,
  symbols: Uint8Array,
): Int16Array {
  return Int16Array.from(symbols, (symbol, i) =>
    Math.round((model.centers[symbol]! * 256) / gains[i % channels]!),
  );
}
