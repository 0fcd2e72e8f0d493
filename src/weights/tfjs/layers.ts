import type { Layer } from '../compress/network.js';
import { KERAS, normalizationNamed } from '../compress/normalization-names.js';
import type { Network } from '../safetensors/read.js';
import type { Tensor } from '../types.js';
import { takesRows } from './rows.js';
import {
  type Consumers,
  consumersIn,
  isObject,
  type KerasLayer,
  modelsIn,
  nameOf,
} from './topology.js';

/** Layers that multiply [...][in][out] with their inputs: rank of their kernels. */
const KERNEL_RANKS: Readonly<Record<string, number>> = {
  Dense: 2,
  Conv1D: 3,
  Conv2D: 4,
  Conv3D: 5,
};

/** The normalization behind a layer, if all the layer's outputs go there and nowhere else. */
function normalizationBehind(
  layer: KerasLayer,
  rank: number,
  byName: ReadonlyMap<string, KerasLayer>,
  consumers: Consumers,
  tensors: ReadonlyMap<string, Tensor>,
): Layer['normalization'] {
  const [next, ...others] = consumers.get(nameOf(layer)) ?? [];
  const behind = next === undefined || others.length > 0 ? undefined : byName.get(next);
  if (behind?.class_name !== 'BatchNormalization' || !isObject(behind.config)) return undefined;
  // It may be called on other layers' outputs, too.
  if (Array.isArray(behind.inbound_nodes) && behind.inbound_nodes.flat().length > 1)
    return undefined;
  const { activation = 'linear', data_format: format = 'channels_last' } = layer.config ?? {};
  const axis = [behind.config.axis ?? -1].flat();
  // Outputs of a convolution have its kernel's rank, those of a Dense the rank of its inputs.
  const fixed = layer.class_name !== 'Dense' || takesRows(layer, byName, consumers);
  const last = axis.length === 1 && (axis[0] === -1 || (fixed && axis[0] === rank - 1));
  if (activation !== 'linear' || format !== 'channels_last' || !last) return undefined;
  const { scale, epsilon, ...rest } = normalizationNamed(nameOf(behind), KERAS);
  if (![rest.shift, rest.mean, rest.variance].every((part) => tensors.has(part))) return undefined;
  const told = behind.config.epsilon;
  return {
    ...rest,
    ...(tensors.has(scale) && { scale }),
    epsilon: typeof told === 'number' ? told : epsilon,
  };
}

/**
 * What a tfjs layers model's topology tells of its layers, for `compressWeights`: which of their weights
 * have outputs last, and which batch normalizations follow them. Depthwise layers are left out: each of
 * their outputs has an input of its own, whose size nobody knows, so that errors would not count alike in
 * folded weights. Of graph models, whose normalizations the converter has folded, and of networks without
 * topology it tells nothing.
 *
 * @param network As `fromTfjs` reads it.
 */
export function layersOf({ metadata, tensors: list }: Network): Layer[] {
  const tensors = new Map(list.map((tensor) => [tensor.name, tensor]));
  return modelsIn(metadata).flatMap((model) => {
    const { layers } = model;
    const consumers = consumersIn(model);
    const byName = new Map(layers.map((layer) => [nameOf(layer), layer]));
    return layers.flatMap((layer): Layer[] => {
      const weights = `${nameOf(layer)}/kernel`;
      const rank = KERNEL_RANKS[String(layer.class_name)];
      if (rank === undefined || tensors.get(weights)?.shape.length !== rank) return [];
      const bias = `${nameOf(layer)}/bias`;
      const normalization =
        consumers && normalizationBehind(layer, rank, byName, consumers, tensors);
      return [
        {
          weights,
          outputs: 'last',
          ...(tensors.has(bias) && { bias }),
          ...(normalization && { normalization }),
        },
      ];
    });
  });
}
