import type { Forward, Layer, LayerInput, NamedTensors, Window } from '../compress/network.js';
import type { Network } from '../safetensors/read.js';
import { artifactsOf } from './io-handler.js';
import { layersOf } from './layers.js';
import { schedule } from './schedule.js';
import type { Tf, TfLayer, TfTensor } from './tf.js';

/** Along one axis: zeros before the input, and positions of the kernel. */
function along(size: number, kernel: number, stride: number, same: boolean): [number, number] {
  if (!same) return [0, Math.floor((size - kernel) / stride) + 1];
  const positions = Math.ceil(size / stride);
  return [Math.max(0, (positions - 1) * stride + kernel - size) >> 1, positions];
}

/** The window of a Conv2D; undefined where strides differ, the kernel is dilated, or channels come first. */
function windowOf(layer: TfLayer, [, high, wide]: readonly number[]): Window | undefined {
  const config = layer.getConfig();
  const { kernelSize, strides, padding, dilationRate = 1, dataFormat = 'channelsLast' } = config;
  if (dataFormat !== 'channelsLast') return undefined;
  const [height, width] = kernelSize as [number, number];
  const [down, across] = strides as [number, number];
  if (down !== across || [dilationRate].flat().some((rate) => rate !== 1)) return undefined;
  const [top, rows] = along(high!, height, down, padding === 'same');
  const [left, columns] = along(wide!, width, down, padding === 'same');
  return { height, width, stride: down, top, left, rows, columns };
}

/** A layer as it meets an input; undefined where compression is not to look at that. */
function meeting(layer: TfLayer, known: Layer, shape: readonly number[]): Layer | undefined {
  const kind = layer.getClassName();
  if (kind === 'Dense') return known;
  const window = kind === 'Conv2D' ? windowOf(layer, shape) : undefined;
  return window && { ...known, window };
}

/** [rows][channels] of what a Dense gets, whatever the sides before the last; others as they are. */
async function inputOf(layer: TfLayer, x: TfTensor): Promise<LayerInput> {
  const data = Float32Array.from(await x.data());
  const channels = x.shape.at(-1)!;
  const shape = layer.getClassName() === 'Dense' ? [data.length / channels, channels] : x.shape;
  return { shape, data };
}

function setWeights(tf: Tf, layer: TfLayer, tensors: NamedTensors): void {
  const now = layer.getWeights();
  const next = layer.weights.map(({ originalName }, i) => {
    const tensor = tensors.get(originalName);
    return tensor ? tf.tensor(tensor.data, [...tensor.shape]) : now[i]!;
  });
  if (next.length > 0) layer.setWeights(next);
}

/**
 * Runs a tfjs layers model for `compressWeights`, which then weighs errors by the inputs that meet them
 * and re-fits batch normalizations. Give it `layersOf(network)` as `layers`, too.
 *
 * @example
 * const network = fromTfjs(modelJson, shards);
 * const forward = await forwardOf(tf, network, inputs);
 * const { file } = await compressWeights(network.tensors, {
 *   ratio: 14, forward, layers: layersOf(network), metadata: network.metadata,
 * });
 *
 * @param tf tfjs, with any backend.
 * @param network As `fromTfjs` reads it.
 * @param inputs What the model's `predict` takes: a few hundred small pictures, or a dozen large ones.
 * @throws ShvqError BAD_MODEL where the network has no topology, UNSUPPORTED
 */
export async function forwardOf(
  tf: Tf,
  network: Network,
  inputs: TfTensor | readonly TfTensor[],
): Promise<Forward> {
  const artifacts = artifactsOf(network.metadata, network.tensors);
  const model = await tf.loadLayersModel({ load: async () => artifacts });
  const known = new Map(layersOf(network).map((layer) => [layer.weights, layer]));
  const calls = schedule(model);
  return async (tensors, visit) => {
    const values = new Map<number, TfTensor>();
    [inputs].flat().forEach((x, i) => {
      values.set(model.inputs[i]!.id, (x as TfTensor).clone());
    });
    for (const { layer, node, last } of calls) {
      const xs = node.inputTensors.map(({ id }) => values.get(id)!);
      const described = layer.weights.map((w) => known.get(w.originalName)).find(Boolean);
      const met = described && meeting(layer, described, xs[0]!.shape);
      if (met) await visit(met, await inputOf(layer, xs[0]!));
      // Between two visits the model may have run with other weights.
      const kept: unknown = tf.tidy(() => {
        setWeights(tf, layer, tensors);
        const ys = layer.apply((xs.length === 1 ? xs[0] : xs) as never, node.callArgs);
        return [ys as TfTensor | TfTensor[]].flat().map((y) => y.clone());
      });
      node.outputTensors.forEach(({ id }, i) => {
        values.set(id, (kept as TfTensor[])[i]!);
      });
      for (const id of last) {
        values.get(id)?.dispose();
        values.delete(id);
      }
    }
    const outputs = await Promise.all(model.outputs.map(({ id }) => values.get(id)!.data()));
    for (const value of values.values()) value.dispose();
    return Float32Array.from(outputs.flatMap((data) => Array.from(data)));
  };
}
