import { type Tensor, type Tensor4D, tf } from '../tf.ts';

/** The weights of one step, by name (see `layoutOf`). */
export type Weights = Record<string, Tensor>;

/** Zero-padded convolution, NHWC. With stride 2 the padding lies at the bottom and the right. */
export function conv(w: Weights, name: string, x: Tensor4D, stride = 1): Tensor4D {
  const y = tf.conv2d(x, w[`${name}.w`] as Tensor4D, stride, 'same');
  const bias = w[`${name}.b`];
  return bias ? tf.add(y, bias) : y;
}

/**
 * max(x, 0). Its gradient in tfjs goes through a step function that also looks for NaN, which
 * costs six passes over memory; two are enough.
 *
 * @param leak Share of the gradient that passes where x <= 0, so that a unit that no input turns
 *   on any more can come back.
 */
export function relu(x: Tensor4D, leak = 0): Tensor4D {
  const op = tf.customGrad((...inputs) => {
    const value = tf.relu(inputs[0] as Tensor);
    const gradFunc = (dy: Tensor | Tensor[]) => {
      const on = tf.cast(tf.greater(value, 0), 'float32');
      return tf.mul(dy as Tensor, leak === 0 ? on : tf.maximum(on, leak));
    };
    return { value, gradFunc };
  });
  return op(x) as Tensor4D;
}

/** What stands between two convolutions; gets the name of the first. */
export type Activation = (before: Tensor4D, name: string) => Tensor4D;

/** x + conv3(relu(conv3(x))). */
export function residual(
  w: Weights,
  name: string,
  x: Tensor4D,
  activation: Activation = (before) => relu(before),
): Tensor4D {
  const inner = activation(conv(w, `${name}.a`, x), `${name}.a`);
  return tf.add(x, conv(w, `${name}.b`, inner));
}

/** [n, h*b, w*b, c] -> [n, h, w, b*b*c], depth index (dy * b + dx) * c + channel. */
export function spaceToDepth(x: Tensor4D, block: number): Tensor4D {
  const [n, h, w, c] = x.shape;
  const rows = tf.reshape(x, [(n * h) / block, block, w / block, block * c]);
  const cells = tf.transpose(rows, [0, 2, 1, 3]);
  return tf.reshape(cells, [n, h / block, w / block, block * block * c]);
}

/** The inverse of `spaceToDepth`. */
export function depthToSpace(x: Tensor4D, block: number): Tensor4D {
  const [n, h, w, depth] = x.shape;
  const c = depth / (block * block);
  const cells = tf.reshape(x, [n * h, w, block, block * c]);
  const rows = tf.transpose(cells, [0, 2, 1, 3]);
  return tf.reshape(rows, [n, h * block, w * block, c]);
}
