import { expect } from 'vitest';
import type { ConvLayer, Layer } from '../../src/model/layers.js';
import type { Tensor } from '../../src/reference/tensor.js';
import { Chain, shapeAfter } from '../../src/runtime/chain.js';
import { Machine } from '../../src/runtime/machine.js';
import { Plan } from '../../src/runtime/plan.js';
import type { RowSink } from '../../src/runtime/stages.js';
import type { Random } from './random.js';

/** Collects the rows that come out of a chain. */
class Collector implements RowSink {
  readonly stride: number;
  readonly rows: Int16Array[] = [];
  readonly #row: number;
  #machine: Machine | undefined;

  constructor(
    plan: Plan,
    private readonly values: number,
    channels: number,
  ) {
    this.stride = 2 * channels;
    this.#row = plan.take(2 * values);
  }

  begin(machine: Machine): void {
    this.#machine = machine;
  }

  target(): number {
    return this.#row;
  }

  commit(): void {
    this.rows.push(new Int16Array(this.#machine!.memory.buffer, this.#row, this.values).slice());
  }

  finish(): void {}
}

/** Runs layers on a tensor in the row pipeline. */
export function runChain(
  module: WebAssembly.Module,
  layers: readonly Layer[],
  x: Tensor,
  sparse: boolean,
): Tensor {
  const plan = new Plan();
  const chain = new Chain(plan, layers, sparse);
  const shape = layers.reduce((s, layer) => shapeAfter(layer, s), {
    width: x.width,
    channels: x.channels,
  });
  const out = new Collector(plan, shape.width * shape.channels, shape.channels);
  const first = chain.stages(plan, { width: x.width, channels: x.channels }, out);
  const machine = new Machine(module, plan.end);
  machine.bytes(0, machine.size).fill(0x5a);
  chain.load(machine);
  first.begin(machine);
  for (let y = 0; y < x.height; y++) {
    for (let column = 0; column < x.width; column++) {
      const from = (y * x.width + column) * x.channels;
      const to = first.target() + column * first.stride;
      const values = x.data.subarray(from, from + x.channels);
      new Int16Array(machine.memory.buffer, to, x.channels).set(values);
    }
    first.commit();
  }
  first.finish();
  const data = new Int16Array(out.rows.length * shape.width * shape.channels);
  out.rows.forEach((row, y) => {
    data.set(row, y * row.length);
  });
  return { width: shape.width, height: out.rows.length, channels: shape.channels, data };
}

/** How values are drawn: all over the range, mostly zero, or the ends of the range alone. */
export type Fill = 'random' | 'sparse' | 'extreme';

export function fillTensor(
  random: Random,
  width: number,
  height: number,
  channels: number,
  fill: Fill,
  max = 32767,
): Tensor {
  const value = () => {
    if (fill === 'extreme') return [-max, 0, max][random.integer(0, 2)]!;
    if (fill === 'sparse' && random.integer(0, 9) > 0) return 0;
    return random.integer(-max, max);
  };
  const data = Int16Array.from({ length: width * height * channels }, value);
  return { width, height, channels, data };
}

/** A convolution whose accumulators use their whole range, but do not wrap. */
export function randomConv(
  random: Random,
  shape: Pick<ConvLayer, 'kernel' | 'stride' | 'inputs' | 'outputs'>,
  range: Pick<ConvLayer, 'shift' | 'min' | 'max'>,
): ConvLayer {
  const fan = shape.kernel ** 2 * shape.inputs;
  const size = Math.min(32767, Math.max(1, Math.floor(2 ** 30.9 / 32768 / fan)));
  return {
    op: 'conv',
    ...shape,
    ...range,
    weights: Int16Array.from({ length: fan * shape.outputs }, () => random.integer(-size, size)),
    bias: Int32Array.from({ length: shape.outputs }, () => random.integer(-(2 ** 26), 2 ** 26)),
  };
}

/** Compares tensors in every element; says where they differ first. */
export function expectSame(actual: Tensor, expected: Tensor): void {
  const { data, ...shape } = actual;
  const { data: wanted, ...wantedShape } = expected;
  expect(shape).toEqual(wantedShape);
  const at = data.findIndex((value, i) => value !== wanted[i]);
  expect({ at, value: data[at] }).toEqual({ at: -1, value: undefined });
}
