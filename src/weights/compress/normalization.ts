import { ShvqError } from '../../format/errors.js';
import { weightOf } from './layer.js';
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
 * Moves a batch normalization's mean and variance into its scale, gamma / sqrt(variance + epsilon), and
 * its shift. The network computes the same, and two vectors say what four said.
 */
function foldStatistics(
  tensors: NamedTensors,
  normalization: Normalization,
  outputs: number,
): void {
  const { epsilon = EPSILON } = normalization;
  const [scale, shift, mean, variance] = partsOf(tensors, normalization, outputs);
  for (let o = 0; o < outputs; o++) {
    const factor = scale[o]! / Math.sqrt(variance[o]! + epsilon);
    shift[o] = shift[o]! - mean[o]! * factor;
    scale[o] = factor;
    mean[o] = 0;
    // Exact in float32 where the network adds 1e-5; within 5e-4 of one where it adds 1e-3.
    variance[o] = 1 - epsilon;
  }
}

/** A normalization that no known layer is in front of, with its mean and variance folded. */
export interface FoldedNormalization {
  readonly normalization: Normalization;
  /** Cost of a unit of squared output error: one over the outputs' power. */
  readonly weight: number;
  /** Mean variance of the inputs. */
  readonly inputPower: number;
}

/** Folds the statistics of a normalization, which are what is known of its inputs. */
export function foldUnplaced(
  tensors: NamedTensors,
  normalization: Normalization,
): FoldedNormalization {
  const scale = tensors.get(normalization.scale)!.data;
  const variance = tensors.get(normalization.variance)!.data;
  const weight = weightOf(scale.reduce((sum, gamma) => sum + gamma * gamma, 0));
  const inputPower = variance.reduce((sum, v) => sum + v / variance.length, 0);
  foldStatistics(tensors, normalization, scale.length);
  return { normalization, weight, inputPower: Math.max(inputPower, 1e-9) };
}

/**
 * Moves a batch normalization into the weights before it: what is left is one shift per output, with
 * factor one. The network computes the same. Errors of all outputs then count alike, so that one step
 * fits them all.
 *
 * @param weights [outputs][columns], changed in place.
 */
export function foldNormalization(
  tensors: NamedTensors,
  normalization: Normalization,
  weights: Float64Array,
  outputs: number,
): void {
  foldStatistics(tensors, normalization, outputs);
  const [scale] = partsOf(tensors, normalization, outputs);
  const columns = weights.length / outputs;
  for (let o = 0; o < outputs; o++) {
    for (let c = o * columns; c < (o + 1) * columns; c++) weights[c] = weights[c]! * scale[o]!;
    scale[o] = 1;
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
