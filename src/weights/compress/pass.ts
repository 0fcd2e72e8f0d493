import { checkAborted, turn } from '../../runtime/drive.js';
import type { StoredTensor } from '../types.js';
import { copyTensors } from './fold.js';
import {
  compensate,
  costWithInputs,
  type OutputStatistics,
  outputsOf,
  statisticsFrom,
} from './layer.js';
import { runInLockstep } from './lockstep.js';
import { fromMatrix } from './matrix.js';
import { momentsOf } from './moments.js';
import type { NamedTensors } from './network.js';
import { isNormalized } from './normalization.js';
import type { CompressOptions } from './options.js';
import { type Plan, type PlannedLayer, patchesFor } from './plan.js';
import type { ProductEngine } from './products/engine.js';
import { quantizeMatrix } from './quantize.js';
import { refitBias, refitNormalization, roundNormalization, roundScaleAndShift } from './refit.js';
import { storeMatrix } from './store.js';

/** Tensors as quantized at one price of a bit, by name. */
export type Stored = Map<string, StoredTensor>;

/** Quantizes all layers at a price of a bit, each where the network has the layers before quantized. */
export async function quantizeLayers(
  plan: Plan,
  lambda: number,
  options: CompressOptions,
  products: ProductEngine,
  onLayer: () => void,
): Promise<Stored> {
  const stored: Stored = new Map();
  const current = copyTensors(plan.float);
  const settings = {
    dimensions: options.dimensions ?? 1,
    learned: options.centers !== 'uniform',
  } as const;
  const keep = (tensor: StoredTensor): void => void stored.set(tensor.name, tensor);
  const store = (planned: PlannedLayer, result: ReturnType<typeof quantizeMatrix>): void => {
    const { layer, shape, weights } = planned;
    const { rows, columns } = weights;
    fromMatrix(
      { rows, columns, data: result.values },
      layer.outputs,
      current.get(layer.weights)!.data,
    );
    keep(storeMatrix(layer.weights, shape, layer.outputs, result));
  };
  if (options.forward) {
    await runInLockstep(options.forward, plan.float, current, async (layer, original, input) => {
      checkAborted(options.signal);
      const planned = plan.layers.get(layer.weights);
      if (!planned || stored.has(layer.weights)) return;
      const { weights, weight, statistics } = planned;
      const before = patchesFor(layer, original, weights.columns);
      const now = patchesFor(layer, input, weights.columns);
      const moments = momentsOf(now, products);
      const cost = costWithInputs(moments, weight);
      const changes = outputsOf(weights, before, products, now);
      const better = compensate(weights, changes, now, moments, cost.factor, products);
      const result = quantizeMatrix(better, cost, lambda, settings);
      store(planned, result);
      const is = statisticsFrom(moments, { ...weights, data: result.values });
      for (const tensor of refit(plan.float, current, planned, statistics!, is, lambda))
        keep(tensor);
      onLayer();
    });
  }
  for (const planned of plan.layers.values()) {
    const { layer, weights, importance, weight } = planned;
    if (stored.has(layer.weights)) continue;
    await turn();
    checkAborted(options.signal);
    store(planned, quantizeMatrix(weights, { importance }, lambda, settings));
    if (isNormalized(layer)) {
      for (const tensor of roundNormalization(current, layer, lambda, weight)) keep(tensor);
    }
    onLayer();
  }
  for (const normalization of plan.normalizations) {
    for (const tensor of roundScaleAndShift(current, normalization, lambda)) keep(tensor);
  }
  return stored;
}

/** What follows a layer, re-fitted to its new outputs. */
function refit(
  float: NamedTensors,
  current: NamedTensors,
  { layer, weight }: PlannedLayer,
  was: OutputStatistics,
  is: OutputStatistics,
  lambda: number,
): StoredTensor[] {
  if (isNormalized(layer)) {
    return refitNormalization(current, float, layer, was, is, lambda, weight);
  }
  return layer.bias === undefined
    ? []
    : [refitBias(current, float, layer.bias, was, is, lambda, weight)];
}
