import { ShvqError } from '../../format/errors.js';
import type { AbortSignalLike, WasmOption } from '../../types.js';
import type { Forward, Layer } from './network.js';

/** How `compressWeights` compresses. One of `ratio` and `bytes` is needed. */
export interface CompressOptions {
  /** Bytes of the tensors given over bytes of the file. */
  readonly ratio?: number | undefined;
  /** Bytes of the file, at most. */
  readonly bytes?: number | undefined;
  /**
   * Runs the network on unlabelled inputs: a few hundred make the file smaller by a third at equal
   * accuracy. Errors are then weighed by the inputs that meet them, made up for in later weights and
   * layers, and batch normalizations are re-fitted.
   */
  readonly forward?: Forward | undefined;
  /** What is known about layers without running them: batch normalizations to fold. */
  readonly layers?: readonly Layer[] | undefined;
  /**
   * What the network adds to variances in the batch normalizations of which neither `layers` nor a
   * tfjs model's topology in `metadata` tells; means and variances are folded into scales and shifts.
   * Default: 1e-5 where they are named as PyTorch names them (`running_var`), 1e-3 where as Keras does
   * (`moving_variance`).
   */
  readonly epsilon?: number | undefined;
  /** Scalars of a center, 1 or 2. Default: 1. */
  readonly dimensions?: 1 | 2 | undefined;
  /** Centers learned for each tensor, or on a grid. Vectors are always learned. */
  readonly centers?: 'learned' | 'uniform' | undefined;
  /**
   * Which engine multiplies matrices, all with the same bits out. Left out: SIMD where the host has
   * it, plain WebAssembly otherwise, TypeScript where compilation is forbidden.
   */
  readonly wasm?: WasmOption | undefined;
  /** JSON text for applications to put into the file, such as a tfjs model's topology. */
  readonly metadata?: string | undefined;
  readonly signal?: AbortSignalLike | undefined;
  /** Is told the fraction that is done, in 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** @returns The bytes that the file may have. @throws ShvqError BAD_INPUT */
export function targetBytes({ ratio, bytes }: CompressOptions, original: number): number {
  if ((ratio === undefined) === (bytes === undefined)) {
    throw new ShvqError('BAD_INPUT', 'One of ratio and bytes is needed');
  }
  const target = bytes ?? original / ratio!;
  if (!(target > 0 && target < Infinity)) {
    throw new ShvqError('BAD_INPUT', `A file of ${target} bytes is asked for`);
  }
  return target;
}
