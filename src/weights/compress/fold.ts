import { epsilonsIn } from '../tfjs/epsilons.js';
import type { Tensor } from '../types.js';
import { fromMatrix, toMatrix, type WeightMatrix } from './matrix.js';
import type { Layer, NamedTensor, NamedTensors } from './network.js';
import {
  epsilonOf,
  type FoldedNormalization,
  foldNormalization,
  foldUnplaced,
  isNormalized,
} from './normalization.js';
import { normalizationsByName } from './normalization-names.js';
import type { CompressOptions } from './options.js';

/** Fewer weights than this are not worth a codebook. */
const FEWEST = 256;

/** Tensors of float32 by name, copied. */
export function copyTensors(tensors: Iterable<readonly [string, NamedTensor]>): NamedTensors {
  const copy = new Map<string, NamedTensor>();
  for (const [name, { shape, data }] of tensors) {
    copy.set(name, { shape, data: Float32Array.from(data) });
  }
  return copy;
}

/** A network's tensors of float32, copied. */
export function copyFloats(tensors: readonly Tensor[]): NamedTensors {
  return copyTensors(
    tensors
      .filter(({ dtype }) => dtype === 'float32')
      .map(({ name, shape, data }) => [name, { shape, data: data as Float32Array }] as const),
  );
}

/** Names of the tensors that hold weights worth a codebook. */
export function namesOfWeights(tensors: NamedTensors): string[] {
  return [...tensors.keys()].filter((name) => {
    const { shape, data } = tensors.get(name)!;
    return shape.length >= 2 && data.length >= FEWEST && data.every(Number.isFinite);
  });
}

/** A layer's weights as a matrix, with the normalization behind it folded into them and the tensors. */
export function placeLayer(tensors: NamedTensors, layer: Layer): WeightMatrix {
  const { shape, data } = tensors.get(layer.weights)!;
  const weights = toMatrix(shape, data, layer.outputs);
  if (isNormalized(layer)) {
    foldNormalization(tensors, layer, weights.data, weights.rows);
    fromMatrix(weights, layer.outputs, data);
  }
  return weights;
}

/** What tells of normalizations; of `metadata`, a topology does. */
export type FoldOptions = Pick<CompressOptions, 'layers' | 'metadata' | 'epsilon'>;

/** Folds the normalizations that names tell of and no layer of those placed has. */
export function foldUnknown(
  tensors: NamedTensors,
  placed: Iterable<Layer>,
  { layers = [], metadata = '', epsilon }: FoldOptions,
): FoldedNormalization[] {
  const known = new Set(Array.from(placed, ({ normalization }) => normalization?.variance));
  const told = epsilonsIn(metadata);
  // A layer of few weights is not placed, and its normalization's epsilon is told all the same.
  for (const { normalization } of layers) {
    if (normalization) told.set(normalization.variance, epsilonOf(normalization));
  }
  return normalizationsByName(tensors, told, epsilon)
    .filter(({ variance }) => !known.has(variance))
    .map((normalization) => foldUnplaced(tensors, normalization));
}

/**
 * A network with its batch normalizations folded as `compressWeights` folds them without `forward`. It
 * computes the same; of a compressed network, nothing is left to fold, so that the two can be compared
 * tensor by tensor.
 *
 * @param options Those of `compressWeights`.
 * @throws ShvqError BAD_INPUT where a layer's normalization has not one element per output.
 */
export function foldNormalizations(
  tensors: readonly Tensor[],
  options: FoldOptions = {},
): Tensor[] {
  const folded = copyFloats(tensors);
  const weights = new Set(namesOfWeights(folded));
  const placed = (options.layers ?? []).filter(
    (layer) => isNormalized(layer) && weights.has(layer.weights),
  );
  for (const layer of placed) placeLayer(folded, layer);
  foldUnknown(folded, placed, options);
  return tensors.map((tensor) => ({
    ...tensor,
    data: folded.get(tensor.name)?.data ?? tensor.data,
  }));
}
