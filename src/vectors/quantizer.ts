import { gainOf } from '../entropy/distribution.js';
import { dequantize, interpolateRates } from '../entropy/quantizer.js';
import { LOGISTIC } from '../entropy/tables.js';
import { LOGIT_MAX } from '../format/constants.js';
import { symbolsOf, type VectorModel } from '../model/layers.js';

/** The quantizer of vectors at one quality: docs/format.md, sections 4 and 5.2. */
export interface VectorQuantizer {
  /** Symbols a latent position, n. */
  readonly symbols: number;
  /** Elements a vector, d. */
  readonly dimension: number;
  /** Number of centers L. */
  readonly size: number;
  /** [L][d], units of 2^-10 of the quantizer's scale. */
  readonly centers: Int16Array;
  /** [n], units of 2^-8. */
  readonly gains: Int32Array;
  /** [n][L][d]: dequantized values, units of 2^-10 of the latent. */
  readonly values: Int16Array;
  /** [n][L - 1]: what the adaptive bits begin with, P(symbol > k | it is asked) in units of 2^-22. */
  readonly start: Int32Array;
  /** Bits that this beginning stands for. */
  readonly confidence: number;
}

/** Bytes of a quantizer's tables, and of the adaptive bits that code a tile with them. */
export function tableBytes(model: VectorModel): number {
  const { dimension, size } = model.vectors;
  return symbolsOf(model) * size * (2 * dimension + 4 + 5);
}

/** The quantizer of a model at a quality in 0..100. */
export function vectorQuantizerAt(model: VectorModel, quality: number): VectorQuantizer {
  const { decoderGains, encoderGains, latent, rates, vectors } = model;
  const { centers, dimension, histogram, size } = vectors;
  const symbols = symbolsOf(model);
  const logGains = interpolateRates(encoderGains, rates, symbols, quality);
  const corrections = interpolateRates(decoderGains, rates, symbols, quality);
  const values = new Int16Array(symbols * centers.length);
  for (let s = 0; s < symbols; s++) {
    const e = corrections[s]! - logGains[s]!;
    for (let i = 0; i < centers.length; i++) {
      values[s * centers.length + i] = dequantize(centers[i]!, e, latent.max);
    }
  }
  const logits = interpolateRates(histogram.logits, rates, symbols * (size - 1), quality);
  return {
    symbols,
    dimension,
    size,
    centers,
    gains: logGains.map(gainOf),
    values,
    start: logits.map(
      (logit) => LOGISTIC[112 + Math.min(Math.max(logit, -LOGIT_MAX), LOGIT_MAX)]! << 2,
    ),
    confidence: histogram.confidence,
  };
}

/**
 * Symbols to the latent that the networks read.
 *
 * @param symbols [positions][n], each below L.
 * @param latent [positions] of d n values, `step` values from a position to the next; written.
 */
export function dequantizeVectors(
  { dimension, size, symbols: count, values }: VectorQuantizer,
  symbols: Uint16Array,
  latent: Int16Array,
  step: number = dimension * count,
): void {
  for (let from = 0, to = 0; from < symbols.length; from += count, to += step) {
    for (let s = 0; s < count; s++) {
      const center = (s * size + symbols[from + s]!) * dimension;
      for (let i = 0; i < dimension; i++) latent[to + i * count + s] = values[center + i]!;
    }
  }
}
