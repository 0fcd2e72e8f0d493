import type { ConvLayer, Layer } from '../model/layers.js';
import type { Machine } from './machine.js';
import { packBias, packSparse, packWeights } from './pack.js';
import type { Plan } from './plan.js';
import {
  AddStage,
  ConvStage,
  DepthToSpaceStage,
  type PlacedConv,
  type RowShape,
  type RowSink,
  SpaceToDepthStage,
  SparseConvStage,
} from './stages.js';

/** Half-open: from <= i < to. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The rows (or columns) of its input that a layer reads for an interval of its output. */
function layerReach(layer: Layer, { from, to }: Interval): Interval {
  switch (layer.op) {
    case 'conv': {
      const { kernel, stride } = layer;
      if (kernel === 1) return { from, to };
      return stride === 1 ? { from: from - 1, to: to + 1 } : { from: 2 * from, to: 2 * to + 1 };
    }
    case 'residual':
      return { from: from - 2, to: to + 2 };
    case 'spaceToDepth':
      return { from: from * layer.block, to: to * layer.block };
    case 'depthToSpace':
      return { from: Math.floor(from / layer.block), to: Math.ceil(to / layer.block) };
  }
}

/** The rows (or columns) that a list of layers reads for an interval of its output. */
export function reach(layers: readonly Layer[], output: Interval): Interval {
  return layers.reduceRight((interval, layer) => layerReach(layer, interval), output);
}

/** Rows of output that a layer has made of its first `rows` rows, with more to come. */
function layerRowsAfter(layer: Layer, rows: number): number {
  switch (layer.op) {
    case 'conv':
      if (layer.kernel === 1) return rows;
      return Math.max(0, layer.stride === 1 ? rows - 1 : (rows - 1) >> 1);
    case 'residual':
      return Math.max(0, rows - 2);
    case 'spaceToDepth':
      return Math.floor(rows / layer.block);
    case 'depthToSpace':
      return rows * layer.block;
  }
}

function rowsAfter(layers: readonly Layer[], rows: number): number {
  return layers.reduce((count, layer) => layerRowsAfter(layer, count), rows);
}

/**
 * The most rows that come out of a list of layers at once: after one row of input, or at the end.
 *
 * @param scale Rows of output a row of input.
 */
export function burst(layers: readonly Layer[], scale: number): number {
  // Far enough for every layer to have begun.
  const { from, to } = reach(layers, { from: 0, to: scale });
  const rows = to - from + 1;
  let most = rows * scale - rowsAfter(layers, rows);
  for (let i = 1; i <= rows; i++) {
    most = Math.max(most, rowsAfter(layers, i) - rowsAfter(layers, i - 1));
  }
  return most;
}

/** A layer with the places of its weights; shuffles have none. */
type PlacedLayer = { readonly layer: Layer; readonly convs: readonly PlacedConv[] };

/**
 * A list of layers with its weights packed, at addresses of one plan. Made once a model, loaded into
 * each instance.
 */
export class Chain {
  readonly #placed: PlacedLayer[] = [];
  readonly #blobs: { address: number; data: Int16Array | Int32Array }[] = [];

  /** @param sparse Whether most values of the input are zero, as a latent's are. */
  constructor(
    plan: Plan,
    readonly layers: readonly Layer[],
    private readonly sparse: boolean,
  ) {
    layers.forEach((layer, i) => {
      const convs =
        layer.op === 'conv' ? [layer] : layer.op === 'residual' ? [layer.first, layer.second] : [];
      const skips = sparse && i === 0 && layer.op === 'conv';
      this.#placed.push({ layer, convs: convs.map((conv) => this.#place(plan, conv, skips)) });
    });
  }

  #place(plan: Plan, layer: ConvLayer, skips: boolean): PlacedConv {
    const { bias, inputs, kernel, outputs, weights } = layer;
    const segments = skips ? kernel * kernel : kernel;
    const length = skips ? inputs : kernel * inputs;
    const packed = (skips ? packSparse : packWeights)(weights, outputs, segments, length);
    const packedBias = packBias(bias);
    const placed = {
      layer,
      weights: plan.take(packed.byteLength),
      bias: plan.take(packedBias.byteLength),
    };
    this.#blobs.push({ address: placed.weights, data: packed });
    this.#blobs.push({ address: placed.bias, data: packedBias });
    return placed;
  }

  /** Writes the weights where the plan put them. */
  load(machine: Machine): void {
    for (const { address, data } of this.#blobs) machine.write(address, data);
  }

  /**
   * The stages that run the layers on rows of a shape, in memory of a plan.
   *
   * @param last Where the rows of the output go.
   */
  stages(plan: Plan, shape: RowShape, last: RowSink): RowSink {
    return this.#stagesFrom(0, plan, shape, last);
  }

  #stagesFrom(index: number, plan: Plan, shape: RowShape, last: RowSink): RowSink {
    const placed = this.#placed[index];
    if (!placed) return last;
    const next = this.#stagesFrom(index + 1, plan, shapeAfter(placed.layer, shape), last);
    return this.#stage(index, placed, plan, shape, next);
  }

  #stage(index: number, { layer, convs }: PlacedLayer, plan: Plan, shape: RowShape, next: RowSink) {
    const { width } = shape;
    switch (layer.op) {
      case 'conv': {
        const Stage = this.sparse && index === 0 ? SparseConvStage : ConvStage;
        return new Stage(plan, convs[0]!, width, next);
      }
      case 'residual': {
        const add = new AddStage(shape, layer.min, layer.max, next);
        const second = new ConvStage(plan, convs[1]!, width, add);
        const first = new ConvStage(plan, convs[0]!, width, second);
        add.input = first;
        return first;
      }
      case 'spaceToDepth':
        return new SpaceToDepthStage(plan, layer.block, shape, next);
      case 'depthToSpace':
        return new DepthToSpaceStage(plan, layer.block, shape, next);
    }
  }
}

/** The shape of a layer's output rows. */
export function shapeAfter(layer: Layer, { width, channels }: RowShape): RowShape {
  switch (layer.op) {
    case 'conv':
      return { width: width / layer.stride, channels: layer.outputs };
    case 'residual':
      return { width, channels };
    case 'spaceToDepth':
      return { width: width / layer.block, channels: channels * layer.block ** 2 };
    case 'depthToSpace':
      return { width: width * layer.block, channels: channels / layer.block ** 2 };
  }
}
