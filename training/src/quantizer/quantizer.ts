import type { Structure } from '../config.ts';
import type { Rng } from '../rng.ts';
import type { Tensor1D, Tensor2D, Tensor4D } from '../tf.ts';
import { quantizeScalars } from './scalars.ts';
import { quantizeVectors } from './vectors.ts';

/**
 * What goes forward. The gradient of 'hard' and 'soft' is that of the soft assignment; that of
 * 'noise' passes straight through.
 */
export type Forward = 'hard' | 'soft' | 'noise';

export interface QuantizerOptions {
  /** Sharpness of the soft assignment, 1 / units of z squared; Infinity is the hard one. */
  sigma: number;
  forward: Forward;
  /** What 'noise' draws from. */
  rng?: Rng;
  /** Bits of each center of a codebook of vectors, [C][L], in place of the batch's histograms. */
  prices?: Float32Array;
}

/** The codebook: ascending centers in R, or centers in R^d with the patch that makes a vector. */
export type Codebook =
  | { kind: 'scalars'; centers: Tensor1D }
  | { kind: 'vectors'; centers: Tensor2D; patch: Patch };

/** Neighbouring elements of one channel that are quantized together: d = height * width. */
export interface Patch {
  height: number;
  width: number;
}

/** What the context model predicts in units of z, [n, h, w, C] each: a logistic distribution. */
export interface Logistic {
  mean: Tensor4D;
  logScale: Tensor4D;
}

export interface Quantized {
  /** Of z's shape. */
  value: Tensor4D;
  /**
   * The soft entropy: bits of each sample, [n], sum over vectors and centers of
   * phi_j * -log2 P(j) (Agustsson et al. 2017, section 3.3: the cross entropy of the soft
   * assignments against the hard symbols' distribution). P is a context model's where one is
   * given, else the histogram of the batch's hard symbols: of each channel, for vectors.
   *
   * @throws RangeError where a logistic distribution is given for vectors, or none for noise.
   */
  bits(distribution?: Logistic): Tensor1D;
}

/**
 * Quantizes z [n, h, w, C]: the one entry for centers of any dimension, for hard, soft and noisy
 * forward passes, and for both kinds of entropy.
 *
 * ```ts
 * const { value, bits } = quantizeLatent(z, codebook, { sigma: 4, forward: 'hard' });
 * const rate = bits({ mean, logScale });
 * ```
 */
export function quantizeLatent(
  z: Tensor4D,
  codebook: Codebook,
  options: QuantizerOptions,
): Quantized {
  return codebook.kind === 'scalars'
    ? quantizeScalars(z, codebook.centers, options)
    : quantizeVectors(z, codebook.centers, codebook.patch, options);
}

/** Dimension d of a structure's vectors. */
export function dimensionOf({ vector }: Structure): number {
  return vector ? vector.height * vector.width : 1;
}
