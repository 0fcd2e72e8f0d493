import { BLOCKS, EPSILON, HEAD, STEM, type Step } from '../../../bench/weights/architecture.ts';
import { relu, type Weights } from '../model/layers.ts';
import { type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import type { Classifier } from './classifier.ts';

/**
 * ResNet-32 for CIFAR-10 (He et al. 2015, shortcut A) with batch normalizations at their running
 * statistics: they are folded into filters and biases once for all pictures of a batch, and what is
 * left of a layer is one convolution. x is [n, 32, 32, 3].
 */
export const resnet32: Classifier = {
  forward(tensors, x) {
    const features: Tensor[] = [];
    let y = relu(convolve(tensors, STEM, x as Tensor4D));
    for (const { first, second } of BLOCKS) {
      const inner = relu(convolve(tensors, first, y));
      y = relu(tf.add(convolve(tensors, second, inner), shortcut(y, first)));
      features.push(y);
    }
    const pooled = tf.mean(y, [1, 2]) as Tensor2D;
    const product = tf.matMul(pooled, named(tensors, `${HEAD}.weight`) as Tensor2D, false, true);
    const logits: Tensor2D = tf.add(product, named(tensors, `${HEAD}.bias`));
    return { logits, features };
  },
  frozen: (name) => /\.(running_mean|running_var|num_batches_tracked)$/.test(name),
};

function named(tensors: Weights, name: string): Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`no tensor ${name}`);
  return tensor;
}

function convolve(tensors: Weights, { conv, norm, stride }: Step, x: Tensor4D): Tensor4D {
  const part = (name: string) => named(tensors, `${norm}.${name}`) as Tensor1D;
  const deviation = tf.sqrt(tf.add(part('running_var'), EPSILON));
  const factor = tf.div(part('weight'), deviation);
  const bias = tf.sub(part('bias'), tf.mul(part('running_mean'), factor)) as Tensor1D;
  // [out][in][height][width], as PyTorch has them.
  const filter = tf.transpose(named(tensors, `${conv}.weight`), [2, 3, 1, 0]);
  return tf.fused.conv2d({
    // PyTorch pads both sides of an even picture under stride 2; TensorFlow's "same" only one.
    x: stride === 1 ? x : padded(x),
    filter: tf.mul(filter, factor) as Tensor4D,
    strides: stride,
    pad: stride === 1 ? 'same' : 'valid',
    bias,
  });
}

function padded(x: Tensor4D): Tensor4D {
  return tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
}

/** Where a block halves the picture: every second pixel, new channels zero. */
function shortcut(x: Tensor4D, { inputs, outputs, stride }: Step): Tensor4D {
  if (stride === 1) return x;
  const side = (outputs - inputs) / 2;
  // A strided slice has no gradient in tfjs; a pool of one pixel is the same.
  return tf.pad(tf.avgPool(x, 1, 2, 'valid'), [
    [0, 0],
    [0, 0],
    [0, 0],
    [side, side],
  ]);
}
