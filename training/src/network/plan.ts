import { UNITS } from '../../../src/weights/compress/quantize.ts';
import type {
  Codebook,
  QuantizedTensor,
  StoredTensor,
  WeightsFile,
} from '../../../src/weights/types.ts';
import type { Slot } from '../model/parameters.ts';
import type { Classifier } from './classifier.ts';

/**
 * Learning rates beside that of the weights, which are counted in distances between centers. That of
 * centers is small: while the assignment is soft, their gradient is not that of the hard forward pass.
 */
const RATES = {
  anneal: { weights: 1, centers: 0.02, shifts: 0.3 },
  /** Weights go where their centers go. */
  refit: { weights: 0, centers: 1, shifts: 0.5 },
};

/** Factors on the learning rates by name. */
export function ratesOf({ parts }: NetworkPlan, phase: keyof typeof RATES): Map<string, number> {
  const { weights, centers, shifts } = RATES[phase];
  return new Map(
    parts.flatMap((part): [string, number][] => {
      if (part.kind === 'fixed') return [];
      if (part.kind === 'rounded') return [[part.values.name, shifts]];
      return [
        [part.weights.name, weights],
        [part.centers.name, centers],
      ];
    }),
  );
}

/** Weights that are quantized to centers while both are trained. */
export interface CodedPart {
  kind: 'coded';
  tensor: QuantizedTensor;
  /** The unit of the centers in the file. */
  step: number;
  /** Centers next to zero lie about this far apart: the unit in which weights are trained. */
  spacing: number;
  /** Starting values of the centers, ascending, in units of the spacing. */
  points: Float32Array;
  /** Index of the center at zero, which stays there. */
  zero: number;
  weights: Slot;
  centers: Slot;
}

/** A small tensor that is trained as it is and rounded at the end. */
export interface RoundedPart {
  kind: 'rounded';
  tensor: QuantizedTensor;
  step: number;
  values: Slot;
}

/** A tensor that stays what it is. */
export interface FixedPart {
  kind: 'fixed';
  tensor: StoredTensor;
}

export type Part = CodedPart | RoundedPart | FixedPart;

/** A compressed network as something to be trained. */
export interface NetworkPlan {
  metadata: string;
  parts: Part[];
  /** Where the trained values lie in the optimizer's vectors. */
  parameters: Slot[];
  /** Length of these vectors. */
  size: number;
  /** Number of all weights that are coded. */
  coded: number;
}

/**
 * What there is to train in a compressed network, as `compressWeights` gives it: weights with centers
 * of their own, and vectors that are merely rounded, but for those that the network wants frozen.
 *
 * @throws RangeError for vectors of more than one weight.
 */
export function planNetwork(file: WeightsFile, { frozen }: Classifier): NetworkPlan {
  const parameters: Slot[] = [];
  let size = 0;
  const slot = (name: string, shape: readonly number[]): Slot => {
    const count = shape.reduce((a, b) => a * b, 1);
    const made = { name, shape: [...shape], offset: size, size: count };
    parameters.push(made);
    size += count;
    return made;
  };
  const parts = file.tensors.map((tensor): Part => {
    const { name, shape } = tensor;
    if (tensor.mode === 'lossless' || frozen(name)) return { kind: 'fixed', tensor };
    if (tensor.codebook.kind === 'uniform' && shape.length < 2) {
      const { step } = tensor.codebook;
      return { kind: 'rounded', tensor, step, values: slot(name, shape) };
    }
    const centers = centersOf(tensor);
    return {
      kind: 'coded',
      tensor,
      ...centers,
      weights: slot(name, shape),
      centers: slot(`${name}:centers`, [centers.points.length]),
    };
  });
  const coded = parts.reduce((sum, p) => sum + (p.kind === 'coded' ? p.weights.size : 0), 0);
  return { metadata: file.metadata, parts, parameters, size, coded };
}

/** The value that an index into a codebook of scalars stands for. */
export function valueIn(codebook: Codebook): (index: number) => number {
  const points = codebook.kind === 'uniform' ? undefined : codebook.points;
  return (index) => codebook.step * (points ? points[index] : index);
}

/** Unit and centers of a codebook; of a grid, those from the lowest index to the highest. */
function scalarsOf({ codebook, indices, name }: QuantizedTensor) {
  if (codebook.kind === 'vector') throw new RangeError(`${name} has vectors, which do not train`);
  if (codebook.kind === 'scalar') return { step: codebook.step, units: [...codebook.points] };
  const [low, high] = indices.reduce(([a, b], i) => [Math.min(a, i), Math.max(b, i)], [0, 0]);
  const units = Array.from({ length: high - low + 1 }, (_, k) => UNITS * (low + k));
  return { step: codebook.step / UNITS, units };
}

function centersOf(tensor: QuantizedTensor) {
  const { step, units } = scalarsOf(tensor);
  let zero = units.indexOf(0);
  if (zero < 0) {
    zero = units.filter((u) => u < 0).length;
    units.splice(zero, 0, 0);
  }
  const gaps = [zero - 1, zero].flatMap((k) => (units[k + 1] ?? units[k]) - units[k] || []);
  const spacing = gaps.length ? gaps.reduce((a, b) => a + b, 0) / gaps.length : 1;
  return {
    step,
    points: Float32Array.from(units, (u) => u / spacing),
    zero,
    spacing: spacing * step,
  };
}
