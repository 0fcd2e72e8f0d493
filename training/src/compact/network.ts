import { gainOf } from '../../../src/entropy/distribution.ts';
import { type Quantizer, quantizerAt } from '../../../src/entropy/quantizer.ts';
import type {
  ConvLayer,
  EncoderModel,
  Layer,
  ScalarModel,
  Transform,
} from '../../../src/model/layers.ts';
import { depthToSpace, relu, spaceToDepth } from '../model/layers.ts';
import { causalNeighbours } from '../model/networks.ts';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../tf.ts';

/**
 * The integer codec in floating point, without its roundings and clamps: values are in the integer
 * model's units, so that its weights serve as they are.
 */

/** The weights of a matrix, [rows][columns], and its biases, [rows]. */
export interface MatrixWeights {
  weights: Tensor2D;
  bias: Tensor;
}

/** Where the weights of a matrix come from. */
export type WeightsOf = (name: string) => MatrixWeights;

/** Sees the inputs of each matrix, [positions][columns], and its outputs, and may change the latter. */
export type Visit = (name: string, inputs: () => Tensor2D, outputs: Tensor) => Tensor;

const PASS: Visit = (_name, _inputs, outputs) => outputs;

/** The windows that a convolution multiplies with: [positions][kernel * kernel * inputs]. */
function windows(x: Tensor4D, { kernel, stride }: ConvLayer): Tensor2D {
  const [n, height, width, channels] = x.shape;
  if (kernel === 1) return tf.reshape(x, [n * height * width, channels]);
  // With stride 2 the padding lies at the bottom and the right.
  const before = 2 - stride;
  const padded = tf.pad(x, [
    [0, 0],
    [before, 1],
    [before, 1],
    [0, 0],
  ]);
  const taps: Tensor4D[] = [];
  for (let ky = 0; ky < 3; ky++) {
    for (let kx = 0; kx < 3; kx++) {
      const to = [n, ky + height + 1 - stride, kx + width + 1 - stride, channels];
      const tap = tf.stridedSlice(padded, [0, ky, kx, 0], to, [1, stride, stride, 1]);
      taps.push(tap as Tensor4D);
    }
  }
  return tf.reshape(tf.concat(taps, 3), [-1, 9 * channels]) as Tensor2D;
}

function conv(name: string, layer: ConvLayer, x: Tensor4D, of: WeightsOf, visit: Visit): Tensor4D {
  const { kernel, inputs, outputs, shift, stride, min } = layer;
  const { weights, bias } = of(name);
  const kernels = tf.reshape(tf.transpose(weights), [kernel, kernel, inputs, outputs]) as Tensor4D;
  const sum = tf.add(tf.conv2d(x, kernels, stride, 'same'), bias);
  const y = visit(name, () => windows(x, layer), tf.mul(sum, 2 ** -shift)) as Tensor4D;
  return min === 0 ? relu(y) : y;
}

function apply(name: string, layer: Layer, x: Tensor4D, of: WeightsOf, visit: Visit): Tensor4D {
  switch (layer.op) {
    case 'conv':
      return conv(name, layer, x, of, visit);
    case 'residual': {
      const inner = conv(`${name}.first`, layer.first, x, of, visit);
      return tf.add(x, conv(`${name}.second`, layer.second, inner, of, visit));
    }
    case 'spaceToDepth':
      return spaceToDepth(x, layer.block);
    case 'depthToSpace':
      return depthToSpace(x, layer.block);
  }
}

/** Both lists of a transform on the same input, added. */
export function transform(
  { trunk, shortcut }: Transform,
  name: string,
  x: Tensor4D,
  of: WeightsOf,
  visit = PASS,
): Tensor4D {
  const end = (layers: readonly Layer[], key: string) =>
    layers.reduce((y, layer, i) => apply(`${name}.${key}.${i}`, layer, y, of, visit), x);
  return tf.add(end(trunk, 'trunk'), end(shortcut, 'shortcut'));
}

/** The quantizer of one quality and what it made of a latent. */
export interface Quantized {
  quantizer: Quantizer;
  /** [n, h, w, channels], units of 2^-10 of the latent. */
  values: Tensor4D;
  /** The boundaries around each chosen cell, units of 2^-10 of the quantizer. */
  below: Tensor4D;
  above: Tensor4D;
}

/** Stands in for the boundary that the outer cells lack. */
const FAR = 2 ** 30;

/** The nearest centers of a latent [n, h, w, channels], units of 2^-10. */
export function quantize(model: ScalarModel, quality: number, y: Tensor4D): Quantized {
  const quantizer = quantizerAt(model, quality);
  const { boundaries, channels, logGains, size } = quantizer;
  const z = tf.mul(y, tf.tensor1d(Float32Array.from(logGains, (e) => gainOf(e) / 256)));
  const data = z.dataSync();
  const values = new Float32Array(data.length);
  const below = new Float32Array(data.length);
  const above = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    let k = 0;
    while (k < boundaries.length && boundaries[k] <= data[i]) k++;
    values[i] = quantizer.values[(i % channels) * size + k];
    below[i] = k === 0 ? -FAR : boundaries[k - 1];
    above[i] = k === size - 1 ? FAR : boundaries[k];
  }
  const tensor = (v: Float32Array) => tf.tensor4d(v, y.shape);
  return { quantizer, values: tensor(values), below: tensor(below), above: tensor(above) };
}

/** Bits below which no symbol falls: one count of 2^20. */
const LEAST = 2 ** -20;

/** Estimated bits of all symbols of each sample under the context model: [n]. */
export function bitsOf(
  { context, latent }: ScalarModel,
  { quantizer, values, below, above }: Quantized,
  of: WeightsOf,
  visit = PASS,
): Tensor {
  const { channels } = latent;
  const { groupSize } = context;
  const linear = (name: string, x: Tensor2D, shift: number) => {
    const { weights, bias } = of(name);
    const sum = tf.add(tf.matMul(x, weights, false, true), bias);
    return visit(name, () => x, tf.mul(sum, 2 ** -shift)) as Tensor2D;
  };
  const rectified = (x: Tensor2D) => relu(x as unknown as Tensor4D) as unknown as Tensor2D;
  const neighbours = causalNeighbours(values);
  const h = rectified(linear('context.taps', neighbours, context.taps.shift));
  const cells = neighbours.shape[0];
  const v = tf.reshape(values, [cells, channels]) as Tensor2D;
  const means: Tensor2D[] = [];
  const logScales: Tensor2D[] = [];
  context.groups.forEach((_, g) => {
    const before = tf.slice(v, [0, 0], [cells, g * groupSize]) as Tensor2D;
    const x = g > 0 ? (tf.concat([h, before], 1) as Tensor2D) : h;
    const inner = rectified(linear(`context.groups.${g}.hidden`, x, context.hidden.shift));
    const out = linear(`context.groups.${g}.parameters`, inner, context.parameters.shift);
    means.push(tf.slice(out, [0, 0], [cells, groupSize]));
    logScales.push(tf.slice(out, [0, groupSize], [cells, groupSize]));
  });
  const exponents = tf.tensor1d(Float32Array.from(quantizer.logGains));
  const gains = tf.tensor1d(Float32Array.from(quantizer.logGains, (e) => gainOf(e) / 256));
  const mean = tf.mul(tf.concat(means, 1), gains);
  const log = tf.add(tf.concat(logScales, 1), exponents);
  // Indices 0..63 stand for scales of 2^-6.5 to 2^9.25.
  const octaves = tf.div(tf.clipByValue(log, -1664, 2368), 256);
  const scale = tf.mul(tf.exp(tf.mul(octaves, Math.LN2)), 1024);
  const at = (boundary: Tensor4D) =>
    tf.clipByValue(tf.div(tf.sub(tf.reshape(boundary, mean.shape), mean), scale), -40, 40);
  const low = at(below);
  const high = at(above);
  // Mirrored into the lower tail, where the difference of two sigmoids keeps its digits.
  const middle = tf.neg(tf.abs(tf.div(tf.add(low, high), 2)));
  const half = tf.div(tf.sub(high, low), 2);
  const p = tf.maximum(
    tf.sub(tf.sigmoid(tf.add(middle, half)), tf.sigmoid(tf.sub(middle, half))),
    LEAST,
  );
  const bits = tf.mul(tf.log(p), -1 / Math.LN2);
  return tf.sum(tf.reshape(bits, [values.shape[0], -1]), 1);
}

/** RGB levels 0..255 as the analysis transform reads them, from RGB / 255 - 0.5. */
export function pictureIn(x: Tensor4D): Tensor4D {
  return tf.mul(x, 510);
}

/** RGB / 255 - 0.5 of what the synthesis transform gives. */
export function pictureOut(y: Tensor4D): Tensor4D {
  return tf.mul(y, 1 / (255 * 64));
}

/** The latent of pictures RGB / 255 - 0.5, [n, 16 h, 16 w, 3]: units of 2^-10. */
export function latentOf(model: EncoderModel, x: Tensor4D, of: WeightsOf, visit = PASS): Tensor4D {
  return transform(model.analysis, 'analysis', pictureIn(x), of, visit);
}
