import type { ConvLayer, Layer, Transform } from '../model/layers.js';
import { saturate, type Tensor } from '../reference/tensor.js';
import { depthToSpace, spaceToDepth } from './shuffle.js';
import { transposed } from './transpose.js';

/** Runs a convolution: the one part of the search that an engine does in its own way. */
export type Convolve = (x: Tensor, layer: ConvLayer) => Tensor;

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
export interface Trace {
  /** Trunk and shortcut added: units of 2^-6 grey level around middle grey, [height][width][3]. */
  readonly picture: Tensor;
  readonly activations: readonly [Activations, Activations];
}

/** The synthesis transform with its gradient, in integers; the same on every engine. */
export class Synthesis {
  readonly #trunk: readonly Step[];
  readonly #shortcut: readonly Step[];

  constructor(
    { shortcut, trunk }: Transform,
    private readonly convolve: Convolve,
  ) {
    this.#trunk = stepsOf(trunk);
    this.#shortcut = stepsOf(shortcut);
  }

  /** The picture of a latent, as the decoder makes it before it rounds to bytes. */
  run(latent: Tensor): Trace {
    const [picture, first] = this.#forward(latent, this.#trunk);
    const [shortcut, second] = this.#forward(latent, this.#shortcut);
    addInto(picture, shortcut, -32768, 32767);
    return { picture, activations: [first, second] };
  }

  /**
   * The gradient with respect to the latent, of one with respect to the picture.
   *
   * @param gradient i16 [height][width][3], small enough that its products do not saturate.
   */
  gradient({ activations: [first, second] }: Trace, gradient: Tensor): Tensor {
    const out = this.#backward(gradient, this.#trunk, first);
    addInto(out, this.#backward(gradient, this.#shortcut, second), -32768, 32767);
    return out;
  }

  #forward(latent: Tensor, steps: readonly Step[]): [Tensor, Activations] {
    const activations: Activations = [];
    let x = latent;
    for (const { layer } of steps) {
      if (layer.op === 'conv') {
        x = this.convolve(x, layer);
        activations.push(layer.min === 0 ? x : undefined);
      } else if (layer.op === 'residual') {
        const inner = this.convolve(x, layer.first);
        const out = this.convolve(inner, layer.second);
        addInto(out, x, layer.min, layer.max);
        activations.push(layer.first.min === 0 ? inner : undefined);
        x = out;
      } else {
        x =
          layer.op === 'depthToSpace' ? depthToSpace(x, layer.block) : spaceToDepth(x, layer.block);
        activations.push(undefined);
      }
    }
    return [x, activations];
  }

  #backward(gradient: Tensor, steps: readonly Step[], activations: Activations): Tensor {
    let g = gradient;
    for (let i = steps.length - 1; i >= 0; i--) {
      const { adjoint, layer } = steps[i]!;
      const active = activations[i];
      if (layer.op === 'conv') {
        if (active) gate(g, active, layer.max);
        g = this.convolve(g, adjoint[0]!);
      } else if (layer.op === 'residual') {
        const inner = this.convolve(g, adjoint[0]!);
        if (active) gate(inner, active, layer.first.max);
        const out = this.convolve(inner, adjoint[1]!);
        addInto(out, g, -32767, 32767);
        g = out;
      } else {
        g =
          layer.op === 'depthToSpace' ? spaceToDepth(g, layer.block) : depthToSpace(g, layer.block);
      }
    }
    return g;
  }
}

/** i16 of i32 values, `shift` bits coarser. */
export function narrowed(values: Int32Array, shift: number): Int16Array {
  const out = new Int16Array(values.length);
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  for (let i = 0; i < out.length; i++) out[i] = saturate((values[i]! + half) >> shift);
  return out;
}
