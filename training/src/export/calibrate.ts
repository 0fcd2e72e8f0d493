import { depthToSpace, spaceToDepth } from '../model/layers.ts';
import { type Tensor4D, tf } from '../tf.ts';
import type { FloatConv, FloatLayer, FloatTransform } from './float.ts';

/** Largest magnitude that each tensor between layers reached, by the layer that made it. */
export type Ranges = Map<FloatLayer, number>;

function run(layer: FloatConv, x: Tensor4D): Tensor4D {
  const { kernel, inputs, outputs, stride, weights, bias, relu } = layer;
  const y = tf.add(
    tf.conv2d(x, tf.tensor4d(weights, [kernel, kernel, inputs, outputs]), stride, 'same'),
    tf.tensor1d(bias),
  ) as Tensor4D;
  return relu ? tf.relu(y) : y;
}

function record(ranges: Ranges, layer: FloatLayer, y: Tensor4D): void {
  const max = tf.max(tf.abs(y)).dataSync()[0];
  ranges.set(layer, Math.max(ranges.get(layer) ?? 0, max));
}

/** One layer on a batch, noting what it and its parts make. */
function apply(layer: FloatLayer, x: Tensor4D, ranges: Ranges): Tensor4D {
  switch (layer.op) {
    case 'conv': {
      const y = run(layer, x);
      record(ranges, layer, y);
      return y;
    }
    case 'residual': {
      const inner = run(layer.first, x);
      record(ranges, layer.first, inner);
      const branch = run(layer.second, inner);
      record(ranges, layer.second, branch);
      const y = tf.add(x, branch) as Tensor4D;
      record(ranges, layer, y);
      return y;
    }
    case 'spaceToDepth':
      return spaceToDepth(x, layer.block);
    case 'depthToSpace':
      return depthToSpace(x, layer.block);
  }
}

/** Runs a transform on a batch, [n, h, w, c], and widens the ranges by what it saw. */
export function calibrate(transform: FloatTransform, x: Tensor4D, ranges: Ranges): Tensor4D {
  return tf.tidy(() => {
    const end = (layers: FloatLayer[]) => layers.reduce((y, layer) => apply(layer, y, ranges), x);
    return tf.add(end(transform.trunk), end(transform.shortcut)) as Tensor4D;
  });
}
