import { storeMatrix, storeRounded } from '../../../src/weights/compress/store.ts';
import type { StoredTensor, WeightsFile } from '../../../src/weights/types.ts';
import type { Weights } from '../model/layers.ts';
import type { Slot } from '../model/parameters.ts';
import { codeLengths } from '../quantizer/histogram.ts';
import { type QuantizerOptions, quantizeLatent } from '../quantizer/quantizer.ts';
import { assign } from '../quantizer/scalar.ts';
import { type Scalar, type Tensor, type Tensor1D, type Tensor4D, tf } from '../tf.ts';
import { type CodedPart, type NetworkPlan, valueIn } from './plan.ts';

/** Least distance of neighbouring centers, in units of the spacing. */
const LEAST_GAP = 0.25;

export interface QuantizedNetwork {
  /** By the names of the file. */
  tensors: Weights;
  /** Bits of all coded weights: the soft entropy against each tensor's histogram. */
  bits: Scalar;
}

/**
 * The network's tensors from what is trained (by the names of the plan's slots), quantized as
 * latents are: gradients flow to weights and centers through the soft assignment (Agustsson et al.
 * 2017, section 3).
 */
export function quantizeNetwork(
  plan: NetworkPlan,
  trained: Weights,
  options: QuantizerOptions,
): QuantizedNetwork {
  const tensors: Weights = {};
  const bits: Tensor[] = [];
  for (const part of plan.parts) {
    const { name, shape } = part.tensor;
    if (part.kind === 'fixed') tensors[name] = fixedTensor(part.tensor);
    else if (part.kind === 'rounded') tensors[name] = trained[name];
    else {
      const weights = tf.reshape(trained[name], [1, 1, 1, part.weights.size]) as Tensor4D;
      const centers = trained[part.centers.name] as Tensor1D;
      const quantized = quantizeLatent(weights, { kind: 'scalars', centers }, options);
      tensors[name] = tf.mul(tf.reshape(quantized.value, [...shape]), part.spacing);
      bits.push(quantized.bits());
    }
  }
  return { tensors, bits: tf.sum(tf.concat(bits)) };
}

function fixedTensor(tensor: StoredTensor): Tensor {
  const { shape } = tensor;
  if (tensor.mode === 'lossless') {
    return tf.tensor(Float32Array.from(tensor.data as Float32Array), [...shape], 'float32');
  }
  const data = Float32Array.from(tensor.indices, valueIn(tensor.codebook));
  return tf.tensor(data, [...shape], 'float32');
}

const partOf = (flat: Float32Array, { offset, size }: Slot) => flat.subarray(offset, offset + size);

/** After a step: zero stays a center, and centers stay in order and apart. Changes `flat`. */
export function keepCenters(plan: NetworkPlan, flat: Float32Array): void {
  for (const part of plan.parts) {
    if (part.kind !== 'coded') continue;
    const centers = partOf(flat, part.centers);
    centers[part.zero] = 0;
    for (let k = part.zero + 1; k < centers.length; k++) {
      centers[k] = Math.max(centers[k], centers[k - 1] + LEAST_GAP);
    }
    for (let k = part.zero - 1; k >= 0; k--) {
      centers[k] = Math.min(centers[k], centers[k + 1] - LEAST_GAP);
    }
  }
}

/** Index of the nearest center of every weight, by the part's name. */
export type Assignments = Map<string, Int32Array>;

export function assignmentsOf(plan: NetworkPlan, flat: Float32Array): Assignments {
  const assignments: Assignments = new Map();
  for (const part of plan.parts) {
    if (part.kind !== 'coded') continue;
    const weights = partOf(flat, part.weights);
    const { nearest } = assign(weights, partOf(flat, part.centers), Number.POSITIVE_INFINITY);
    assignments.set(part.tensor.name, nearest);
  }
  return assignments;
}

/** Puts every weight onto its center, wherever that has gone. Changes `flat`. */
export function putOnCenters(
  plan: NetworkPlan,
  flat: Float32Array,
  assignments: Assignments,
): void {
  for (const part of plan.parts) {
    if (part.kind !== 'coded') continue;
    const nearest = assignments.get(part.tensor.name)!;
    const weights = partOf(flat, part.weights);
    const centers = partOf(flat, part.centers);
    for (let i = 0; i < weights.length; i++) weights[i] = centers[nearest[i]];
  }
}

/** Bits of all coded weights at their nearest centers: the entropy of each tensor's histogram. */
export function hardBits(plan: NetworkPlan, flat: Float32Array): number {
  const assignments = assignmentsOf(plan, flat);
  let bits = 0;
  for (const part of plan.parts) {
    if (part.kind !== 'coded') continue;
    const nearest = assignments.get(part.tensor.name)!;
    const price = codeLengths(nearest, part.points.length);
    for (const k of nearest) bits += price[k];
  }
  return bits;
}

/**
 * The content of the file: every weight at its nearest center, centers and small tensors rounded to
 * their steps. What the file decodes to is the network; `tensors` of it differ from those of
 * `quantizeNetwork` with the hard assignment by this rounding alone.
 */
export function contentOf(plan: NetworkPlan, flat: Float32Array): WeightsFile {
  const assignments = assignmentsOf(plan, flat);
  const tensors = plan.parts.map((part): StoredTensor => {
    const { name, shape } = part.tensor;
    if (part.kind === 'fixed') return part.tensor;
    if (part.kind === 'rounded') {
      return storeRounded(name, shape, partOf(flat, part.values).slice(), part.step);
    }
    return storeCoded(part, assignments.get(name)!, partOf(flat, part.centers));
  });
  return { metadata: plan.metadata, tensors };
}

function storeCoded(part: CodedPart, nearest: Int32Array, centers: Float32Array): StoredTensor {
  const points = Float64Array.from(centers, (c) => c * part.spacing);
  return storeMatrix(part.tensor.name, part.tensor.shape, 'first', {
    indices: nearest,
    centers: { dimensions: 1, points, count: centers.length, zero: part.zero },
    unit: part.step,
  });
}
