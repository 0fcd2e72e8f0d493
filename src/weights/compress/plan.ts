import { checkAborted } from '../../runtime/drive.js';
import type { Tensor } from '../types.js';
import {
  costWithInputs,
  costWithoutInputs,
  type OutputStatistics,
  outputsOf,
  statisticsOf,
  weightOf,
} from './layer.js';
import { fromMatrix, toMatrix, type WeightMatrix } from './matrix.js';
import { momentsOf } from './moments.js';
import type { Layer, LayerInput, NamedTensor, NamedTensors } from './network.js';
import { type FoldedNormalization, foldNormalization, foldUnplaced } from './normalization.js';
import { normalizationsByName } from './normalization-names.js';
import type { CompressOptions } from './options.js';
import { type Patches, samplePatches } from './patches.js';
import type { ProductEngine } from './products/engine.js';

/** A tensor of weights that is to be quantized. */
export interface PlannedLayer {
  readonly layer: Layer;
  readonly shape: readonly number[];
  /** The weights, with a batch normalization's factor in them. */
  readonly weights: WeightMatrix;
  /** Cost of a unit of squared output error: one over the outputs' power. */
  readonly weight: number;
  /** [columns]: cost of a squared error of one in a column. */
  readonly importance: Float64Array;
  /** Of the outputs in float, where the network was run. */
  readonly statistics?: OutputStatistics;
}

export interface Plan {
  /** The network with folded normalizations, in float; computes what the original does. */
  readonly float: NamedTensors;
  readonly layers: ReadonlyMap<string, PlannedLayer>;
  /** Those of no known layer. */
  readonly normalizations: readonly FoldedNormalization[];
}

/** Fewer weights than this are not worth a codebook. */
const FEWEST = 256;
/** Patches that moments are taken over, per column, and at least. */
const ROWS_PER_COLUMN = 5;
const ROWS_LEAST = 2048;

/** The patches that moments of a layer's inputs are taken over. */
export function patchesFor(layer: Layer, input: LayerInput, columns: number): Patches {
  return samplePatches(layer, input, Math.max(ROWS_LEAST, ROWS_PER_COLUMN * columns));
}

/** Tensors of float32 by name, copied. */
export function copyTensors(tensors: Iterable<readonly [string, NamedTensor]>): NamedTensors {
  const copy = new Map<string, NamedTensor>();
  for (const [name, { shape, data }] of tensors) {
    copy.set(name, { shape, data: Float32Array.from(data) });
  }
  return copy;
}

/** Whether a tensor holds weights worth a codebook. */
function isWeights({ shape, data }: NamedTensor): boolean {
  return shape.length >= 2 && data.length >= FEWEST && data.every(Number.isFinite);
}

/** Finds the layers, by running the network where that is possible, and folds normalizations. */
export async function planLayers(
  tensors: readonly Tensor[],
  options: CompressOptions,
  products: ProductEngine,
): Promise<Plan> {
  const float = copyTensors(
    tensors
      .filter(({ dtype }) => dtype === 'float32')
      .map(({ name, shape, data }) => [name, { shape, data: data as Float32Array }] as const),
  );
  const layers = new Map<string, PlannedLayer>();
  const begin = (layer: Layer): { shape: readonly number[]; weights: WeightMatrix } | undefined => {
    const tensor = float.get(layer.weights);
    if (!tensor || layers.has(layer.weights)) return undefined;
    const weights = toMatrix(tensor.shape, tensor.data, layer.outputs);
    if (layer.normalization) {
      foldNormalization(float, layer.normalization, weights.data, weights.rows);
      fromMatrix(weights, layer.outputs, tensor.data);
    }
    return { shape: tensor.shape, weights };
  };
  await options.forward?.(float, async (layer, input) => {
    checkAborted(options.signal);
    const found = begin(layer);
    if (!found) return;
    const { shape, weights } = found;
    const patches = patchesFor(layer, input, weights.columns);
    const statistics = statisticsOf(outputsOf(weights, patches, products), weights.rows);
    const weight = weightOf(statistics.variance.reduce((a, b) => a + b, 0));
    const { importance } = costWithInputs(momentsOf(patches, products), weight);
    layers.set(layer.weights, { layer, shape, weights, weight, importance, statistics });
  });
  const unseen = [...float].filter(([, tensor]) => isWeights(tensor));
  const described = new Map((options.layers ?? []).map((layer) => [layer.weights, layer]));
  for (const [name] of unseen) {
    const layer = described.get(name) ?? { weights: name, outputs: 'first' as const };
    const found = begin(layer);
    if (!found) continue;
    const { shape, weights } = found;
    const weight = weightOf(weights.data.reduce((sum, w) => sum + w * w, 0));
    const { importance } = costWithoutInputs(weights.columns, weight);
    layers.set(name, { layer, shape, weights, weight, importance });
  }
  const known = new Set([...layers.values()].map(({ layer }) => layer.normalization?.variance));
  const normalizations = normalizationsByName(float, options.epsilon)
    .filter(({ variance }) => !known.has(variance))
    .map((normalization) => foldUnplaced(float, normalization));
  return { float, layers, normalizations };
}
