import type { Weights } from '../model/layers.ts';
import type { Rng } from '../rng.ts';
import type { Tensor, Tensor2D } from '../tf.ts';

/** What a network makes of its inputs. */
export interface Outputs {
  /** [n, classes] */
  logits: Tensor2D;
  /** What its blocks give, from the first to the last, [n, ...]. */
  features: Tensor[];
}

/** A network to be compressed: a differentiable function of its tensors. */
export interface Classifier {
  /**
   * @param tensors By the names of the network's file, in its layouts.
   * @param x Inputs, [n, ...].
   */
  forward(tensors: Weights, x: Tensor): Outputs;
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
