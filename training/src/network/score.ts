import type { Tensor as Decoded } from '../../../src/weights/types.ts';
import type { Weights } from '../model/layers.ts';
import { type Tensor1D, type Tensor4D, tf } from '../tf.ts';
import type { Classifier } from './classifier.ts';

/** Pictures of one size with their labels. */
export interface TestPictures {
  /** [n][height][width][channels] */
  data: Float32Array;
  labels: readonly number[];
  /** Height, width and channels. */
  shape: [number, number, number];
}

/** Decoded tensors as tensors of TensorFlow, by name. */
export function tensorsOf(decoded: Iterable<Decoded>): Weights {
  const tensors: Weights = {};
  for (const { name, shape, data } of decoded) {
    tensors[name] = tf.tensor(Float32Array.from(data as Float32Array), [...shape], 'float32');
  }
  return tensors;
}

/** Share of the pictures whose largest logit is the label's, in 0..1. */
export function scoreOf(
  { forward }: Classifier,
  tensors: Weights,
  { data, labels, shape }: TestPictures,
  batch = 250,
): number {
  const each = shape[0] * shape[1] * shape[2];
  let right = 0;
  for (let at = 0; at < labels.length; at += batch) {
    const some = labels.slice(at, at + batch);
    const best = tf.tidy(() => {
      const x = data.slice(at * each, (at + some.length) * each);
      const pictures = tf.tensor(x, [some.length, ...shape], 'float32') as Tensor4D;
      return tf.argMax(forward(tensors, pictures).logits, 1) as Tensor1D;
    });
    const found = best.dataSync();
    best.dispose();
    some.forEach((label, i) => {
      if (found[i] === label) right++;
    });
  }
  return right / labels.length;
}
