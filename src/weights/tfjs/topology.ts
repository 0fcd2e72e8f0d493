/**
 * A tfjs layers model's topology: the configuration of Keras 2, of which nothing is taken for granted.
 */

import { TFJS_KEY } from './artifacts.js';

/** A layer as Keras configures it, as far as it matters here. */
export interface KerasLayer {
  readonly name?: unknown;
  readonly class_name?: unknown;
  readonly config?: KerasConfig;
  readonly inbound_nodes?: unknown;
}

export interface KerasConfig {
  readonly name?: unknown;
  readonly layers?: unknown;
  readonly output_layers?: unknown;
  readonly activation?: unknown;
  readonly data_format?: unknown;
  readonly axis?: unknown;
  readonly epsilon?: unknown;
  readonly batch_input_shape?: unknown;
}

/** A model, or a model within one. */
export interface KerasModel {
  readonly layers: readonly KerasLayer[];
  /** Undefined for a Sequential. */
  readonly outputs: unknown;
}

/** Where each layer's output goes: names of the layers that take it, and '' for the model's own. */
export type Consumers = ReadonlyMap<string, readonly string[]>;

export const isObject = (x: unknown): x is Record<string, unknown> & Partial<KerasConfig> =>
  typeof x === 'object' && x !== null;
export const nameOf = ({ name, config }: KerasLayer): string => String(config?.name ?? name);

/** The topology in a network's metadata, which may hold anything. */
function topologyIn(metadata: string): unknown {
  try {
    return JSON.parse(metadata)?.[TFJS_KEY]?.modelTopology;
  } catch {
    return undefined;
  }
}

/** The models in a network's metadata: none but a tfjs layers model's topology has any. */
export function modelsIn(metadata: string): KerasModel[] {
  const topology = topologyIn(metadata);
  if (!isObject(topology)) return [];
  const { config } = (topology.model_config ?? topology) as { config?: unknown };
  return modelsOf(config);
}

/** Layers in a model's configuration, and in those of models within it, one list a model. */
function modelsOf(config: unknown): KerasModel[] {
  const list = Array.isArray(config) ? config : isObject(config) ? config.layers : undefined;
  if (!Array.isArray(list)) return [];
  const layers = list.filter(isObject) as KerasLayer[];
  const outputs = isObject(config) ? config.output_layers : undefined;
  return [{ layers, outputs }, ...layers.flatMap((layer) => modelsOf(layer.config))];
}

/** Names in [name, node, tensor, ...] tuples; undefined where they are something else. */
function namesIn(tuples: unknown): string[] | undefined {
  if (!Array.isArray(tuples)) return undefined;
  const names = tuples.map((tuple) => (Array.isArray(tuple) ? tuple[0] : undefined));
  return names.every((name) => typeof name === 'string') ? (names as string[]) : undefined;
}

/** Who takes what in a model; undefined where its configuration has another form than Keras 2's. */
export function consumersIn({ layers, outputs }: KerasModel): Consumers | undefined {
  const consumers = new Map<string, string[]>(layers.map((layer) => [nameOf(layer), []]));
  if (outputs === undefined) {
    // A Sequential: each takes the one before it.
    layers.forEach((layer, i) => {
      consumers.get(nameOf(layer))!.push(i + 1 < layers.length ? nameOf(layers[i + 1]!) : '');
    });
    return consumers;
  }
  const ends = namesIn(outputs);
  if (!ends) return undefined;
  for (const end of ends) consumers.get(end)?.push('');
  for (const layer of layers) {
    if (!Array.isArray(layer.inbound_nodes)) return undefined;
    for (const node of layer.inbound_nodes) {
      const names = namesIn(node);
      if (!names) return undefined;
      for (const name of names) consumers.get(name)?.push(nameOf(layer));
    }
  }
  return consumers;
}
