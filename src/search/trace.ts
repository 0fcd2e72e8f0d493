import type { ConvLayer, Layer, Transform } from '../model/layers.js';
import { saturate, type Tensor } from '../reference/tensor.js';
import { passing, type Scratch } from './memory.js';
import { depthToSpace, spaceToDepth } from './shuffle.js';
import { transposed } from './transpose.js';

/**
 * Runs a convolution into `out`, [height][width][outputs]: the one part of the search that an engine
 * does in its own way.
 */
export type Convolve = (x: Tensor, layer: ConvLayer, out: Int16Array) => void;

/** A layer and the convolutions of its adjoint, the last one first. */
interface Step {
  readonly layer: Layer;
  readonly adjoint: readonly ConvLayer[];
}

function stepsOf(layers: readonly Layer[]): Step[] {
  return layers.map((layer) => {
    if (layer.op === 'conv') return { layer, adjoint: [transposed(layer)] };
    if (layer.op !== 'residual') return { layer, adjoint: [] };
    return { layer, adjoint: [transposed(layer.second), transposed(layer.first)] };
  });
}

/** Rectified activations of a run, by the index of their layer: where gradients pass. */
type Activations = (Tensor | undefined)[];

/** A gradient passes where the activation is between its bounds. In place. */
function gate({ data }: Tensor, activations: Tensor, max: number): void {
  const active = activations.data;
  for (let i = 0; i < data.length; i++) {
    const a = active[i]!;
    if (a <= 0 || a >= max) data[i] = 0;
  }
}

function addInto({ data }: Tensor, x: Tensor, min: number, max: number): void {
  const added = x.data;
  for (let i = 0; i < data.length; i++) {
    const sum = data[i]! + added[i]!;
    data[i] = Math.min(Math.max(sum, min), max);
  }
}

/** One picture through the synthesis transform, with what its gradient needs. */
export interface Trace extends Addends {
  /** Good until the next trace in the same scratch. */
  readonly activations: readonly [Activations, Activations];
}

/**
 * What adds up to a picture: units of 2^-6 grey level around middle grey, [height][width][3]. Good
 * until the synthesis, its gradient or the distortion runs in the same scratch.
 */
export interface Addends {
  readonly trunk: Tensor;
  readonly shortcut: Tensor;
}

/** Where the rectified activations of a layer are kept, if they are. */
type Keep = (layer: number, length: number) => Int16Array | undefined;

/** Values a latent position of the largest tensor between the layers. */
function widest(layers: readonly Layer[], channels: number): number {
  let [most, area, depth] = [channels, 1, channels];
  for (const layer of layers) {
    if (layer.op === 'conv') depth = layer.outputs;
    else if (layer.op === 'residual') most = Math.max(most, area * layer.first.outputs);
    else {
      const factor = layer.op === 'depthToSpace' ? layer.block ** 2 : 1 / layer.block ** 2;
      area *= factor;
      depth /= factor;
    }
    most = Math.max(most, area * depth);
  }
  return most;
}

/** Values a latent position of what a list of layers keeps. */
function kept(layers: readonly Layer[]): number {
  let [total, area] = [0, 1];
  for (const layer of layers) {
    if (layer.op === 'conv') total += layer.min === 0 ? area * layer.outputs : 0;
    else if (layer.op === 'residual')
      total += layer.first.min === 0 ? area * layer.first.outputs : 0;
    else area *= layer.op === 'depthToSpace' ? layer.block ** 2 : 1 / layer.block ** 2;
  }
  return total;
}

/** Tensors in use at the same time: a layer's input, inside and output; and the trunk's, aside. */
const sparesOf = ({ shortcut }: Transform): number =>
  shortcut.some(({ op }) => op === 'residual') ? 4 : 3;

const widestOf = ({ shortcut, trunk }: Transform, channels: number): number =>
  Math.max(widest(trunk, channels), widest(shortcut, channels));

/** Bytes of scratch that the synthesis takes a latent position. */
export function synthesisBytes(transform: Transform, channels: number): number {
  const { shortcut, trunk } = transform;
  return 2 * (sparesOf(transform) * widestOf(transform, channels) + kept(trunk) + kept(shortcut));
}

/** Bytes of adjoint weights, and of all weights as an engine packs them: 8 a weight, at most. */
export function adjointBytes({ shortcut, trunk }: Transform): number {
  let weights = 0;
  for (const layer of [...trunk, ...shortcut]) {
    if (layer.op === 'conv') weights += layer.weights.length;
    else if (layer.op === 'residual') {
      weights += layer.first.weights.length + layer.second.weights.length;
    }
  }
  return 8 * weights;
}

/** The synthesis transform with its gradient, in integers; the same on every engine. */
export class Synthesis {
  readonly #trunk: readonly Step[];
  readonly #shortcut: readonly Step[];
  readonly #widest: number;
  readonly #spareNames: readonly string[];

  constructor(
    transform: Transform,
    channels: number,
    private readonly convolve: Convolve,
  ) {
    this.#trunk = stepsOf(transform.trunk);
    this.#shortcut = stepsOf(transform.shortcut);
    this.#widest = widestOf(transform, channels);
    this.#spareNames = Array.from({ length: sparesOf(transform) }, (_, i) => passing(i));
  }

  /** The picture of a latent, as the decoder makes it before it adds and rounds to bytes. */
  run(latent: Tensor, scratch: Scratch): Trace {
    return this.#run(latent, scratch, true);
  }

  /** The same alone: a trace made before stays good but for its picture. */
  picture(latent: Tensor, scratch: Scratch): Addends {
    return this.#run(latent, scratch, false);
  }

  #run(latent: Tensor, scratch: Scratch, keep: boolean): Trace {
    const spares = this.#spares(latent, scratch);
    const keeper = (list: string): Keep => {
      return (i, length) => (keep ? scratch.i16(`${list} ${i}`, length) : undefined);
    };
    const [trunk, first] = this.#forward(latent, this.#trunk, spares, keeper('trunk'));
    const rest = spares.filter(({ buffer }) => buffer !== trunk.data.buffer);
    const [shortcut, second] = this.#forward(latent, this.#shortcut, rest, keeper('shortcut'));
    return { trunk, shortcut, activations: [first, second] };
  }

  /**
   * The gradient with respect to the latent, of one with respect to the picture.
   *
   * @param gradient i16 [height][width][3], small enough that its products do not saturate.
   * @param latent Its shape is that of the result, which is good as long as a trace's picture.
   */
  gradient(
    [first, second]: Trace['activations'],
    gradient: Tensor,
    latent: Tensor,
    scratch: Scratch,
  ): Tensor {
    const spares = this.#spares(latent, scratch);
    const out = this.#backward(gradient, this.#trunk, spares, first);
    const rest = spares.filter(({ buffer }) => buffer !== out.data.buffer);
    addInto(out, this.#backward(gradient, this.#shortcut, rest, second), -32768, 32767);
    return out;
  }

  #spares({ height, width }: Tensor, scratch: Scratch): Int16Array[] {
    return this.#spareNames.map((name) => scratch.i16(name, width * height * this.#widest));
  }

  #convolve(x: Tensor, layer: ConvLayer, room: Int16Array): Tensor {
    const { height, width } = x;
    const data = room.subarray(0, width * height * layer.outputs);
    this.convolve(x, layer, data);
    return { width, height, channels: layer.outputs, data };
  }

  #forward(
    latent: Tensor,
    steps: readonly Step[],
    spares: readonly Int16Array[],
    keep: Keep,
  ): [Tensor, Activations] {
    const activations: Activations = [];
    let x = latent;
    const room = ({ min, outputs }: ConvLayer, i: number): Int16Array =>
      (min === 0 ? keep(i, x.width * x.height * outputs) : undefined) ?? unused(spares, x);
    steps.forEach(({ layer }, i) => {
      if (layer.op === 'conv') {
        x = this.#convolve(x, layer, room(layer, i));
        activations.push(layer.min === 0 ? x : undefined);
      } else if (layer.op === 'residual') {
        const inner = this.#convolve(x, layer.first, room(layer.first, i));
        const out = this.#convolve(inner, layer.second, unused(spares, x, inner));
        addInto(out, x, layer.min, layer.max);
        activations.push(layer.first.min === 0 ? inner : undefined);
        x = out;
      } else {
        const data = unused(spares, x).subarray(0, x.data.length);
        const shuffle = layer.op === 'depthToSpace' ? depthToSpace : spaceToDepth;
        x = shuffle(x, layer.block, data);
        activations.push(undefined);
      }
    });
    return [x, activations];
  }

  #backward(
    gradient: Tensor,
    steps: readonly Step[],
    spares: readonly Int16Array[],
    activations: Activations,
  ): Tensor {
    let g = gradient;
    for (let i = steps.length - 1; i >= 0; i--) {
      const { adjoint, layer } = steps[i]!;
      const active = activations[i];
      if (layer.op === 'conv') {
        if (active) gate(g, active, layer.max);
        g = this.#convolve(g, adjoint[0]!, unused(spares, g));
      } else if (layer.op === 'residual') {
        const inner = this.#convolve(g, adjoint[0]!, unused(spares, g));
        if (active) gate(inner, active, layer.first.max);
        const out = this.#convolve(inner, adjoint[1]!, unused(spares, g, inner));
        addInto(out, g, -32767, 32767);
        g = out;
      } else {
        const data = unused(spares, g).subarray(0, g.data.length);
        const unshuffle = layer.op === 'depthToSpace' ? spaceToDepth : depthToSpace;
        g = unshuffle(g, layer.block, data);
      }
    }
    return g;
  }
}

/** The first of some arrays that no tensor in use lies in. */
function unused(spares: readonly Int16Array[], ...inUse: Tensor[]): Int16Array {
  return spares.find(({ buffer }) => inUse.every(({ data }) => data.buffer !== buffer))!;
}

/** i16 of i32 values, `shift` bits coarser, in their place. */
export function narrowed(values: Int32Array, shift: number): Int16Array {
  const out = new Int16Array(values.buffer, values.byteOffset, values.length);
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  for (let i = 0; i < out.length; i++) out[i] = saturate((values[i]! + half) >> shift);
  return out;
}
