import type { Config } from '../config.ts';
import { centersOf } from '../model/centers.ts';
import { codec, codecFrom, type Rates } from '../model/codec.ts';
import type { Weights } from '../model/layers.ts';
import type { QuantizerOptions } from '../quantizer/quantizer.ts';
import { type Scalar, type Tensor, type Tensor1D, type Tensor4D, tf } from '../tf.ts';
import { type Distortion, distortionOf, lambdaOf, lossOf } from './loss.ts';

/** Pictures x [n, side, side, 3] (RGB / 255 - 0.5) with a rate and its lambda each. */
export interface Batch {
  x: Tensor4D;
  rates: Rates;
  lambda: Float32Array;
  /** Symbols that were chosen beforehand, [n, h, w, C], in place of the nearest centers. */
  symbols?: Tensor4D;
}

export interface BatchLoss {
  /** Estimated bits a pixel of each sample, [n]. */
  bpp: Tensor1D;
  distortion: Tensor1D;
  /** What training minimizes. */
  total: Scalar;
}

/** Lambda of every sample, by the range that belongs to the distortion. */
export function lambdasOf(
  { structure, run }: Config,
  distortion: Distortion,
  rates: Rates,
): Float32Array {
  const range = distortion === 'mse' ? run.mseLambda : run.mixedLambda;
  return Float32Array.from(rates, (q) => lambdaOf(range, q, structure.rates));
}

/** The centers of symbols, each its own nearest. */
function valuesOf(w: Weights, symbols: Tensor4D): Tensor4D {
  const values: Tensor = tf.gather(centersOf(w['centers.spacing'] as Tensor1D), symbols);
  return values as Tensor4D;
}

/** Encodes and decodes a batch, and measures it. */
export function batchLoss(
  { structure, run }: Config,
  w: Weights,
  { x, rates, lambda, symbols }: Batch,
  kind: Distortion,
  options: QuantizerOptions,
): BatchLoss {
  const { picture, bits } = symbols
    ? codecFrom(w, structure, valuesOf(w, symbols), rates, options)
    : codec(w, structure, x, rates, options);
  const bpp = tf.div(bits, x.shape[1] * x.shape[2]) as Tensor1D;
  const distortion = distortionOf(kind, run, picture, x);
  return { bpp, distortion, total: lossOf(bpp, distortion, lambda) as Scalar };
}
