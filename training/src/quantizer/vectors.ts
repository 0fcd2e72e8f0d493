import { type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import { channelCodeLengths } from './histogram.ts';
import type { Patch, Quantized, QuantizerOptions } from './quantizer.ts';

/**
 * Latent [n, h, w, C] -> vectors [n * h/ph * w/pw * C, ph * pw]: patches of one channel, rows
 * first; sample, row, column, channel from the slowest to the fastest.
 *
 * @throws RangeError where the patch does not divide the latent.
 */
export function toVectors(z: Tensor4D, { height, width }: Patch): Tensor2D {
  const [n, h, w, c] = z.shape;
  if (h % height || w % width) {
    throw new RangeError(`patches of ${width}x${height} do not fill a latent of ${w}x${h}`);
  }
  const cells = tf.reshape(z, [(n * h) / height, height, w / width, width, c]);
  const patches = tf.transpose(cells, [0, 2, 4, 1, 3]);
  return tf.reshape(patches, [z.size / (height * width), height * width]);
}

/** The inverse of `toVectors`. */
export function fromVectors(
  vectors: Tensor2D,
  [n, h, w, c]: [number, number, number, number],
  { height, width }: Patch,
): Tensor4D {
  const patches = tf.reshape(vectors, [(n * h) / height, w / width, c, height, width]);
  return tf.reshape(tf.transpose(patches, [0, 3, 1, 4, 2]), [n, h, w, c]);
}

/** Squared distances up to what is the same for all centers: |c|^2 - 2 x.c, [N, L]. */
function distances(x: Tensor2D, centers: Tensor2D): Tensor2D {
  const norms = tf.sum(tf.square(centers), 1);
  return tf.sub(norms, tf.matMul(tf.mul(x, 2), centers, false, true));
}

/**
 * Soft assignment of vectors [N, d] to all centers [L, d]: phi = softmax(-sigma |x - c_j|^2)
 * (Agustsson et al. 2017, equation 3), [N, L]. One, at the nearest, where sigma is Infinity.
 */
export function softAssignment(x: Tensor2D, centers: Tensor2D, sigma: number): Tensor2D {
  if (sigma === Number.POSITIVE_INFINITY) {
    return tf.oneHot(nearestOf(x, centers), centers.shape[0], 1, 0, 'float32') as Tensor2D;
  }
  return tf.softmax(tf.mul(distances(x, centers), -sigma)) as Tensor2D;
}

/** Hard assignment: the index of the nearest center of every vector, [N]. */
export function nearestOf(x: Tensor2D, centers: Tensor2D): Tensor1D {
  return tf.argMin(distances(x, centers), 1) as Tensor1D;
}

/** The value of `hard`, with the gradient to `soft`. */
function straightThrough(soft: Tensor2D, hard: Tensor2D): Tensor2D {
  const op = tf.customGrad(() => ({
    value: tf.clone(hard),
    gradFunc: (dy: Tensor | Tensor[]) => dy as Tensor,
  }));
  return op(soft) as Tensor2D;
}

/**
 * Quantizes patches of every channel of z [n, h, w, C] to centers [L, d]. With the hard
 * assignment (sigma Infinity) gradients pass straight through to z and reach the centers that
 * were chosen.
 *
 * @throws RangeError for noise, which has no meaning without cells of known width.
 */
export function quantizeVectors(
  z: Tensor4D,
  centers: Tensor2D,
  patch: Patch,
  { sigma, forward, prices }: QuantizerOptions,
): Quantized {
  if (forward === 'noise') throw new RangeError('noise stands for scalar quantization only');
  const x = toVectors(z, patch);
  const phi = softAssignment(x, centers, sigma);
  const nearest = nearestOf(x, centers);
  const soft = tf.matMul(phi, centers) as Tensor2D;
  const isHard = sigma === Number.POSITIVE_INFINITY;
  // The hard assignment has no slope in z; what flows on is the identity.
  const graded = isHard ? (tf.add(soft, tf.sub(x, constant(x))) as Tensor2D) : soft;
  const value =
    forward === 'hard' && !isHard
      ? straightThrough(graded, tf.gather(constant(centers), nearest))
      : graded;
  return {
    value: fromVectors(value, z.shape, patch),
    bits(distribution) {
      if (distribution) throw new RangeError('a logistic distribution is for scalars');
      const [n, , , channels] = z.shape;
      const size = centers.shape[0];
      const symbols = nearest.dataSync() as Int32Array;
      const price = prices ?? channelCodeLengths(symbols, channels, size);
      const cells = x.shape[0] / (n * channels);
      const bits = tf.mul(
        tf.reshape(phi, [n * cells, channels, size]),
        tf.tensor2d(price, [channels, size]),
      );
      return tf.sum(tf.reshape(bits, [n, cells * channels * size]), 1) as Tensor1D;
    },
  };
}

/** The same values, through which no gradient flows. */
function constant<T extends Tensor>(t: T): T {
  return tf.tensor(t.dataSync().slice(), t.shape, 'float32') as T;
}
