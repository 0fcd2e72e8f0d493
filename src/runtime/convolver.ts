import type { ConvLayer, Layer, Transform } from '../model/layers.js';
import type { Tensor } from '../reference/tensor.js';
import type { Machine } from './machine.js';
import { biasBytes, packBias, packedBytes, packWeights, padLength } from './pack.js';
import type { Plan } from './plan.js';

/** Room for a band of rows of input and of output. */
const BAND_BYTES = 1 << 19;

interface Packed {
  readonly weights: Int16Array;
  readonly bias: Int32Array;
}

function pack({ bias, inputs, kernel, outputs, weights }: ConvLayer): Packed {
  return { weights: packWeights(weights, outputs, kernel, kernel * inputs), bias: packBias(bias) };
}

function convsOf(layer: Layer): readonly ConvLayer[] {
  if (layer.op === 'conv') return [layer];
  return layer.op === 'residual' ? [layer.first, layer.second] : [];
}

/**
 * Convolutions of stride 1 of whole tensors of the host's, a band of rows at a time in a small part of
 * an instance's memory: for the encoder's search, which wants all activations at hand.
 */
export class Convolver {
  readonly #segments: number;
  readonly #weights: number;
  readonly #bias: number;
  readonly #input: number;
  readonly #output: number;
  readonly #inputBytes: number;
  readonly #outputBytes: number;
  readonly #packed = new Map<ConvLayer, Packed>();

  /**
   * @param transform Its convolutions and their adjoints will run.
   * @param columns Of the widest latent.
   */
  constructor(plan: Plan, { shortcut, trunk }: Transform, columns: number) {
    let [weights, bias, input, output] = [0, 0, 0, 0];
    for (const layers of [trunk, shortcut]) {
      let width = columns;
      for (const layer of layers) {
        if (layer.op === 'depthToSpace') width *= layer.block;
        if (layer.op === 'spaceToDepth') width /= layer.block;
        for (const { inputs, kernel, outputs } of convsOf(layer)) {
          // The adjoint exchanges inputs and outputs.
          const most = Math.max(inputs, outputs);
          weights = Math.max(
            weights,
            packedBytes(most, kernel, kernel * Math.min(inputs, outputs)),
          );
          weights = Math.max(
            weights,
            packedBytes(Math.min(inputs, outputs), kernel, kernel * most),
          );
          bias = Math.max(bias, biasBytes(most));
          input = Math.max(input, 3 * 2 * (width + 2) * most);
          output = Math.max(output, 2 * width * most);
        }
      }
    }
    this.#inputBytes = Math.max(input, BAND_BYTES);
    this.#outputBytes = Math.max(output, BAND_BYTES);
    this.#segments = plan.take(16);
    this.#weights = plan.take(weights);
    this.#bias = plan.take(bias);
    this.#input = plan.take(this.#inputBytes + 16);
    this.#output = plan.take(this.#outputBytes);
  }

  /** @param out [height][width][outputs], and not in the place of `x`. */
  run(machine: Machine, x: Tensor, layer: ConvLayer, out: Int16Array): void {
    let packed = this.#packed.get(layer);
    if (!packed) {
      packed = pack(layer);
      this.#packed.set(layer, packed);
    }
    machine.write(this.#weights, packed.weights);
    machine.write(this.#bias, packed.bias);
    const { height, width } = x;
    const { inputs, kernel, outputs } = layer;
    const pad = kernel === 3 ? 1 : 0;
    const rowBytes = 2 * (width + 2 * pad) * inputs;
    const outBytes = 2 * width * outputs;
    const band = Math.min(
      Math.floor(this.#inputBytes / rowBytes) - 2 * pad,
      Math.floor(this.#outputBytes / outBytes),
    );
    for (let top = 0; top < height; top += band) {
      const rows = Math.min(band, height - top);
      if (pad) machine.clear(this.#input, (rows + 2) * rowBytes);
      for (let y = top - pad; y < top + rows + pad; y++) {
        if (y < 0 || y >= height) continue;
        const to = this.#input + (y - top + pad) * rowBytes + 2 * pad * inputs;
        machine.write(to, x.data.subarray(y * width * inputs, (y + 1) * width * inputs));
      }
      this.#multiply(machine, layer, rows, width, rowBytes);
      const made = new Int16Array(machine.memory.buffer, this.#output, rows * width * outputs);
      out.set(made, top * width * outputs);
    }
  }

  #multiply(
    { kernels, memory }: Machine,
    { inputs, kernel, max, min, outputs, shift }: ConvLayer,
    rows: number,
    width: number,
    rowBytes: number,
  ): void {
    const segments = new Uint32Array(memory.buffer, this.#segments, kernel);
    for (let y = 0; y < rows; y++) {
      for (let ky = 0; ky < kernel; ky++) segments[ky] = this.#input + (y + ky) * rowBytes;
      kernels.product(
        this.#segments,
        kernel,
        padLength(kernel * inputs),
        2 * inputs,
        width,
        this.#weights,
        this.#bias,
        outputs,
        this.#output + 2 * y * width * outputs,
        2 * outputs,
        shift,
        min,
        max,
      );
    }
  }
}
