import type { Forward, Layer, NamedTensors } from '../../src/weights/compress/network.js';
import { BLOCKS, EPSILON, HEAD, STEM, type Step } from './architecture.js';
import { type Tensor, tf } from './tf.js';

/** Named tensors of the network, as the published file has them: convolutions [out][in][3][3]. */
export type Tensors = NamedTensors;

/** Called before a convolution is applied; what it changes in the tensors takes effect. */
export type Visit = (step: Step, input: Tensor) => Promise<void> | void;

const get = (tensors: Tensors, name: string) => {
  const t = tensors.get(name);
  if (!t) throw new Error(`no tensor ${name}`);
  return t;
};

function convolve(tensors: Tensors, step: Step, x: Tensor): Tensor {
  return tf.tidy(() => {
    const w = get(tensors, `${step.conv}.weight`);
    const filter = tf.transpose(tf.tensor(w.data, w.shape), [2, 3, 1, 0]);
    // PyTorch pads both sides of an even picture under stride 2; TensorFlow's "same" only one.
    const padded = tf.pad(x, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    const y = tf.conv2d(padded, filter, step.stride, 'valid');
    const one = (part: string) =>
      tf.tensor(get(tensors, `${step.norm}.${part}`).data, [
        get(tensors, `${step.norm}.${part}`).data.length,
      ]);
    return tf.batchNorm(
      y,
      one('running_mean'),
      one('running_var'),
      one('bias'),
      one('weight'),
      EPSILON,
    );
  });
}

/** The shortcut where a block halves the picture: every second pixel, new channels zero. */
function shortcut(x: Tensor, step: Step): Tensor {
  if (step.stride === 1) return x;
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const every = tf.stridedSlice(x, [0, 0, 0, 0], [n, h, w, c], [1, 2, 2, 1]);
  const side = (step.outputs - step.inputs) / 2;
  return tf.pad(every, [
    [0, 0],
    [0, 0],
    [0, 0],
    [side, side],
  ]);
}

/**
 * ResNet-32 for CIFAR-10 (He et al. 2015, shortcut A), as Y. Idelbayev trained it.
 *
 * @param pictures [n][32][32][3], normalised. @returns Logits [n][10].
 */
export async function resnet32(
  tensors: Tensors,
  pictures: Float32Array,
  visit: Visit = () => {},
): Promise<Float32Array> {
  let x: Tensor = tf.tensor(pictures, [pictures.length / 3072, 32, 32, 3]);
  const apply = async (step: Step, input: Tensor) => {
    await visit(step, input);
    return convolve(tensors, step, input);
  };
  const replace = (y: Tensor) => {
    x.dispose();
    x = y;
  };
  const stem = await apply(STEM, x);
  replace(tf.relu(stem));
  stem.dispose();
  for (const { first, second } of BLOCKS) {
    const a = await apply(first, x);
    const inner = tf.relu(a);
    const b = await apply(second, inner);
    replace(tf.tidy(() => tf.relu(tf.add(b, shortcut(x, first)))));
    tf.dispose([a, inner, b]);
  }
  const logits = tf.tidy(() => {
    const w = get(tensors, `${HEAD}.weight`);
    const bias = get(tensors, `${HEAD}.bias`);
    const pooled = tf.mean(x, [1, 2]);
    return tf.add(
      tf.matMul(pooled, tf.tensor(w.data, w.shape), false, true),
      tf.tensor(bias.data, bias.shape),
    );
  });
  const out = (await logits.data()) as Float32Array;
  tf.dispose([x, logits]);
  return out;
}

/** Share of pictures whose largest logit is the label's. */
export async function accuracy(
  tensors: Tensors,
  { data, labels }: { data: Float32Array; labels: number[] },
  batch = 500,
): Promise<number> {
  let right = 0;
  for (let at = 0; at < labels.length; at += batch) {
    const some = labels.slice(at, at + batch);
    const logits = await resnet32(tensors, data.subarray(at * 3072, (at + some.length) * 3072));
    some.forEach((label, i) => {
      const row = logits.subarray(i * 10, i * 10 + 10);
      if (row.indexOf(Math.max(...row)) === label) right++;
    });
  }
  return right / labels.length;
}

/** A convolution of the network as compression sees it. */
function layerOf({ conv, norm, stride }: Step, side: number): Layer {
  return {
    weights: `${conv}.weight`,
    outputs: 'first',
    window: {
      height: 3,
      width: 3,
      stride,
      top: 1,
      left: 1,
      rows: side / stride,
      columns: side / stride,
    },
    normalization: {
      scale: `${norm}.weight`,
      shift: `${norm}.bias`,
      mean: `${norm}.running_mean`,
      variance: `${norm}.running_var`,
      epsilon: EPSILON,
    },
  };
}

/** Runs the network on pictures for `compressWeights`. */
export function forwardOn(pictures: Float32Array): Forward {
  return (tensors, visit) =>
    resnet32(tensors, pictures, async (step, input) => {
      const data = (await input.data()) as Float32Array;
      await visit(layerOf(step, input.shape[1]!), { shape: input.shape, data });
    });
}
