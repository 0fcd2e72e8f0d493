import { ShvqError } from '../../format/errors.js';
import type { NamedTensors, Normalization } from './network.js';

const EPSILON = 1e-5;

function part(tensors: NamedTensors, name: string, size: number): Float32Array {
  const tensor = tensors.get(name);
  if (tensor?.data.length !== size) {
    throw new ShvqError('BAD_INPUT', `The batch normalization needs ${size} elements in ${name}`);
  }
  return tensor.data;
}

/**
 * Moves a batch normalization's factor gamma / sqrt(variance + epsilon) into the weights before it
 * and its mean into its shift: what is left is one shift per output, with factor one. The network
 * computes the same. Errors of all outputs then count alike, so that one step fits them all.
 *
 * @param weights [outputs][columns], changed in place.
 */
export function foldNormalization(
  tensors: NamedTensors,
  normalization: Normalization,
  weights: Float64Array,
  outputs: number,
): void {
  const { epsilon = EPSILON } = normalization;
  const [scale, shift, mean, variance] = partsOf(tensors, normalization, outputs);
  const columns = weights.length / outputs;
  for (let o = 0; o < outputs; o++) {
    const factor = scale[o]! / Math.sqrt(variance[o]! + epsilon);
    for (let c = o * columns; c < (o + 1) * columns; c++) weights[c] = weights[c]! * factor;
    shift[o] = shift[o]! - mean[o]! * factor;
    scale[o] = 1;
    mean[o] = 0;
    // Exact in float32 where the network adds 1e-5; within 5e-4 of one where it adds 1e-3.
    variance[o] = 1 - epsilon;
  }
}

/** Scale, shift, mean and variance of a normalization. */
export function partsOf(
  tensors: NamedTensors,
  { scale, shift, mean, variance }: Normalization,
  outputs: number,
): [Float32Array, Float32Array, Float32Array, Float32Array] {
  return [
    part(tensors, scale, outputs),
    part(tensors, shift, outputs),
    part(tensors, mean, outputs),
    part(tensors, variance, outputs),
  ];
}
