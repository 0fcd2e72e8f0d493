import { ShvqError } from '../../format/errors.js';
import { weightOf } from './layer.js';
import type { Layer, NamedTensors, Normalization } from './network.js';

/** What the network adds to a variance. */
export function epsilonOf({ epsilon = 1e-5 }: Normalization): number {
  return epsilon;
}

/** A layer with a normalization behind it. */
export type NormalizedLayer = Layer & { readonly normalization: Normalization };

export function isNormalized(layer: Layer): layer is NormalizedLayer {
  return layer.normalization !== undefined;
}

function part(tensors: NamedTensors, name: string, size: number): Float32Array {
  const tensor = tensors.get(name);
  if (tensor?.data.length !== size) {
    throw new ShvqError('BAD_INPUT', `The batch normalization needs ${size} elements in ${name}`);
  }
  return tensor.data;
}

/** Shift of a normalization. */
export function shiftOf(
  tensors: NamedTensors,
  { shift }: Normalization,
  outputs: number,
): Float32Array {
  return part(tensors, shift, outputs);
}

/**
 * Moves a batch normalization's mean and variance into its shift and a factor for each output.
 *
 * @returns [outputs]: gamma / sqrt(variance + epsilon), to be put where the caller wants it.
 */
function foldStatistics(
  tensors: NamedTensors,
  normalization: Normalization,
  outputs: number,
): Float64Array {
  const epsilon = epsilonOf(normalization);
  const scale = normalization.scale && part(tensors, normalization.scale, outputs);
  const mean = part(tensors, normalization.mean, outputs);
  const variance = part(tensors, normalization.variance, outputs);
  const shift = shiftOf(tensors, normalization, outputs);
  return Float64Array.from({ length: outputs }, (_, o) => {
    const factor = (scale ? scale[o]! : 1) / Math.sqrt(variance[o]! + epsilon);
    shift[o] = shift[o]! - mean[o]! * factor;
    mean[o] = 0;
    // Exact in float32 where the network adds 1e-5; within 5e-4 of one where it adds 1e-3.
    variance[o] = 1 - epsilon;
    return factor;
  });
}

/** A normalization that no known layer is in front of, with its statistics in scale and shift. */
export interface FoldedNormalization {
  readonly normalization: Normalization & { readonly scale: string };
  /** Cost of a unit of squared output error: one over the outputs' power. */
  readonly weight: number;
  /** Mean variance of the inputs. */
  readonly inputPower: number;
}

/** Makes two vectors of a normalization's four. The network computes the same. */
export function foldUnplaced(
  tensors: NamedTensors,
  normalization: FoldedNormalization['normalization'],
): FoldedNormalization {
  const scale = tensors.get(normalization.scale)!.data;
  const variance = tensors.get(normalization.variance)!.data;
  const weight = weightOf(scale.reduce((sum, gamma) => sum + gamma * gamma, 0));
  const inputPower = variance.reduce((sum, v) => sum + v / variance.length, 0);
  scale.set(foldStatistics(tensors, normalization, scale.length));
  return { normalization, weight, inputPower: Math.max(inputPower, 1e-9) };
}

/**
 * Moves a batch normalization, and the bias of the layer in front of it, into the layer's weights: what
 * is left is one shift per output, with factor one. The network computes the same. Errors of all outputs
 * then count alike, so that one step fits them all.
 *
 * @param weights [outputs][columns], changed in place.
 */
export function foldNormalization(
  tensors: NamedTensors,
  { bias, normalization }: NormalizedLayer,
  weights: Float64Array,
  outputs: number,
): void {
  const factor = foldStatistics(tensors, normalization, outputs);
  const columns = weights.length / outputs;
  for (let o = 0; o < outputs; o++) {
    for (let c = o * columns; c < (o + 1) * columns; c++) weights[c] = weights[c]! * factor[o]!;
  }
  if (normalization.scale) part(tensors, normalization.scale, outputs).fill(1);
  if (bias === undefined) return;
  const shift = shiftOf(tensors, normalization, outputs);
  const shifts = part(tensors, bias, outputs);
  for (let o = 0; o < outputs; o++) shift[o] = shift[o]! + shifts[o]! * factor[o]!;
  shifts.fill(0);
}
