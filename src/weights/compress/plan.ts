import { checkAborted } from '../../runtime/drive.js';
import type { Tensor } from '../types.js';
import { copyFloats, foldUnknown, namesOfWeights, placeLayer } from './fold.js';
import {
  costWithInputs,
  costWithoutInputs,
  type OutputStatistics,
  outputsOf,
  statisticsOf,
  weightOf,
} from './layer.js';
import type { WeightMatrix } from './matrix.js';
import { momentsOf } from './moments.js';
import type { Layer, LayerInput, NamedTensors } from './network.js';
import type { FoldedNormalization } from './normalization.js';
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

/** Patches that moments are taken over, per column, and at least. */
const ROWS_PER_COLUMN = 5;
const ROWS_LEAST = 2048;

/** The patches that moments of a layer's inputs are taken over. */
export function patchesFor(layer: Layer, input: LayerInput, columns: number): Patches {
  return samplePatches(layer, input, Math.max(ROWS_LEAST, ROWS_PER_COLUMN * columns));
}

/**
 * What an error in a depthwise layer's weights costs, in those of others: every weight alone makes up a
 * good part of an output, and outputs of small weights count like those of large ones. MobileNet v2 at 8x
 * has half the divergence with 16 in place of 1, and no less with 64.
 */
const DEPTHWISE_COST = 16;

/** [height][width][channels][1], as TensorFlow has depthwise weights, or [channels][1][height][width]. */
function isDepthwise(shape: readonly number[]): boolean {
  if (shape.length !== 4 || shape.every((side) => side === 1)) return false;
  const [a, b, c, d] = shape as [number, number, number, number];
  return (d === 1 && a * b > 1) || (b === 1 && c * d > 1);
}

/** Finds the layers, by running the network where that is possible, and folds normalizations. */
export async function planLayers(
  tensors: readonly Tensor[],
  options: CompressOptions,
  products: ProductEngine,
): Promise<Plan> {
  const float = copyFloats(tensors);
  const layers = new Map<string, PlannedLayer>();
  const described = new Map((options.layers ?? []).map((layer) => [layer.weights, layer]));
  await options.forward?.(float, async (layer, input) => {
    checkAborted(options.signal);
    const tensor = float.get(layer.weights);
    if (!tensor || layers.has(layer.weights)) return;
    const weights = placeLayer(float, layer);
    const patches = patchesFor(layer, input, weights.columns);
    const statistics = statisticsOf(outputsOf(weights, patches, products), weights.rows);
    const weight = weightOf(statistics.variance.reduce((a, b) => a + b, 0));
    const { importance } = costWithInputs(momentsOf(patches, products), weight);
    const { shape } = tensor;
    layers.set(layer.weights, { layer, shape, weights, weight, importance, statistics });
  });
  for (const name of namesOfWeights(float)) {
    if (layers.has(name)) continue;
    const layer = described.get(name) ?? { weights: name, outputs: 'first' as const };
    const { shape } = float.get(name)!;
    const weights = placeLayer(float, layer);
    const weight = weightOf(weights.data.reduce((sum, w) => sum + w * w, 0));
    const cost = isDepthwise(shape) ? DEPTHWISE_COST * weight : weight;
    const { importance } = costWithoutInputs(weights.columns, cost);
    layers.set(name, { layer, shape, weights, weight, importance });
  }
  const placed = [...layers.values()].map(({ layer }) => layer);
  return { float, layers, normalizations: foldUnknown(float, placed, options) };
}
