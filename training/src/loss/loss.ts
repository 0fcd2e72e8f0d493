import type { Run } from '../config.ts';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../tf.ts';
import { msssim } from './msssim.ts';
import { seams } from './seams.ts';

/** What a phase of training minimizes: bpp + lambda * D. */
export type Distortion = 'mse' | 'mixed';

/** Lambda of a rate index, geometric between the two ends. */
export function lambdaOf([low, high]: [number, number], rate: number, rates: number): number {
  return rates > 1 ? low * (high / low) ** (rate / (rates - 1)) : low;
}

/** Distortion of each sample, pictures on the same scale of range 1: [n]. */
export function distortionOf(kind: Distortion, run: Run, a: Tensor4D, b: Tensor4D): Tensor1D {
  const [distortion, weight] =
    kind === 'mse' ? [squaredError(a, b), run.mseSeams] : [mixed(run, a, b), run.seams];
  return weight ? tf.add(distortion, tf.mul(seams(a, b), weight)) : distortion;
}

function squaredError(a: Tensor4D, b: Tensor4D): Tensor1D {
  return tf.mean(tf.square(tf.sub(a, b)), [1, 2, 3]) as Tensor1D;
}

function mixed({ mixedMse }: Run, a: Tensor4D, b: Tensor4D): Tensor1D {
  // SSIM's constants take values on [0, 1]
  const similarity = msssim(tf.add(a, 0.5), tf.add(b, 0.5));
  return tf.add(tf.sub(1, similarity), tf.mul(squaredError(a, b), mixedMse)) as Tensor1D;
}

/** Mean of (bpp + lambda D) / sqrt(lambda), which makes all rates' gradients about as large. */
export function lossOf(bpp: Tensor1D, distortion: Tensor1D, lambda: Float32Array): Tensor {
  const root = tf.tensor1d(lambda.map(Math.sqrt));
  return tf.mean(tf.add(tf.div(bpp, root), tf.mul(distortion, root)));
}
