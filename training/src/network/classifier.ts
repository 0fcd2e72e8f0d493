import type { Weights } from '../model/layers.ts';
import type { Rng } from '../rng.ts';
import type { Tensor, Tensor2D } from '../tf.ts';

/** A network to be compressed: a differentiable function of its tensors. */
export interface Classifier {
  /**
   * @param tensors By the names of the network's file, in its layouts.
   * @param x Inputs, [n, ...].
   * @returns Logits, [n, classes].
   */
  forward(tensors: Weights, x: Tensor): Tensor2D;
  /** Whether a tensor stands still: statistics of batch normalizations do. */
  frozen(name: string): boolean;
}

/** Inputs with labels. */
export interface Batch {
  x: Tensor;
  labels: Int32Array;
}

/** What batches are drawn from. */
export interface LabelledSet {
  /** A random batch, for the caller to dispose of. */
  draw(count: number, rng: Rng): Batch;
}
