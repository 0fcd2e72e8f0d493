import { type Tensor1D, type Tensor4D, tf } from '../tf.ts';

/** Side of the blocks that the linear shortcut of the synthesis paints, in pixels. */
const BLOCK = 16;

/** Two levels of 255: steps below are not seen, and a flat source must not divide by zero. */
const FAINT = (2 / 255) ** 2;

/**
 * How visible the edges of 16x16 blocks are: squared error of the step across every block edge
 * over the squared steps of the source around it, mean over edges, channels and both directions,
 * [n]. A step of two levels in a flat area counts 1. SSIM does not see these: its constants hide
 * what varies by less than seven levels.
 *
 * @param a Decoded pictures [n, h, w, 3], on a scale of range 1; sides are multiples of 16.
 * @param b Source, of the same shape.
 */
export function seams(a: Tensor4D, b: Tensor4D): Tensor1D {
  const upright = (t: Tensor4D) => tf.transpose(t, [0, 2, 1, 3]) as Tensor4D;
  return tf.mul(tf.add(across(a, b), across(upright(a), upright(b))), 0.5) as Tensor1D;
}

/** The same for the edges between rows of blocks. */
function across(a: Tensor4D, b: Tensor4D): Tensor1D {
  const [n, h, w, c] = b.shape;
  const blocks = h / BLOCK;
  const split = (t: Tensor4D) => tf.reshape(t, [n, blocks, BLOCK, w * c]);
  const row = (t: ReturnType<typeof split>, below: boolean, y: number) =>
    tf.slice(t, [0, below ? 1 : 0, y, 0], [n, blocks - 1, 1, w * c]);
  const [x, y] = [split(a), split(b)];
  const last = BLOCK - 1;
  const step = (t: ReturnType<typeof split>) => tf.sub(row(t, true, 0), row(t, false, last));
  const before = tf.sub(row(y, false, last), row(y, false, last - 1));
  const after = tf.sub(row(y, true, 1), row(y, true, 0));
  const squares = [before, step(y), after].map((t) => tf.square(t));
  const activity = tf.mul(tf.addN(squares), 1 / 3);
  const error = tf.square(tf.sub(step(x), step(y)));
  return tf.mean(tf.div(error, tf.add(activity, FAINT)), [1, 2, 3]) as Tensor1D;
}
