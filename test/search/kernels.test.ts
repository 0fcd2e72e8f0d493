import { describe, expect, it } from 'vitest';
import type { ConvLayer } from '../../src/model/layers.js';
import { conv } from '../../src/reference/layers.js';
import { collect, rowsOf } from '../../src/reference/rows.js';
import { type Tensor, zeros } from '../../src/reference/tensor.js';
import { Convolver } from '../../src/runtime/convolver.js';
import { Machine } from '../../src/runtime/machine.js';
import { Plan } from '../../src/runtime/plan.js';
import { WindowSums } from '../../src/runtime/window-sums.js';
import { windowSums } from '../../src/search/blur.js';
import { transposed } from '../../src/search/transpose.js';
import { expectSame, fillTensor, randomConv } from '../support/chains.js';
import { BUILDS } from '../support/kernels.js';
import { Random } from '../support/random.js';

const convolve = (x: Tensor, layer: ConvLayer): Tensor => collect(conv(rowsOf(x), layer));

const random = new Random(31);

describe.each(BUILDS)("the search's kernels in the $name build", ({ module }) => {
  it.each([
    [1, 1],
    [2, 5],
    [7, 3],
    [16, 16],
    [1040, 70],
  ])('sums windows of a plane of %i x %i as the reference does', (width, height) => {
    const plan = new Plan();
    const sums = new WindowSums(plan, width);
    const machine = new Machine(module, plan.end);
    const data = Int32Array.from({ length: width * height }, () => random.integer(-8e6, 8e6));
    const plane = { width, height, data };
    const [made, expected] = [data.slice(), data.slice()];
    sums.run(machine, plane, made);
    windowSums(plane, expected);
    expect(made).toEqual(expected);
  });

  it.each([
    [1, 16, 24],
    [3, 5, 8],
    [3, 24, 40],
  ] as const)(
    'convolves whole tensors, kernel %i, %i -> %i, and back',
    (kernel, inputs, outputs) => {
      const shape = { kernel, stride: 1, inputs, outputs } as const;
      const layer: ConvLayer = randomConv(random, shape, { shift: 14, min: 0, max: 4095 });
      const plan = new Plan();
      const convolver = new Convolver(plan, { trunk: [layer], shortcut: [] }, 130);
      const machine = new Machine(module, plan.end);
      const run = (x: Tensor, of: ConvLayer): Tensor => {
        const out = zeros(x.width, x.height, of.outputs);
        convolver.run(machine, x, of, out.data);
        return out;
      };
      for (const [width, height] of [
        [1, 1],
        [3, 7],
        [130, 90],
      ] as const) {
        const x = fillTensor(random, width, height, inputs, 'random');
        expectSame(run(x, layer), convolve(x, layer));
        const g = fillTensor(random, width, height, outputs, 'random');
        const back = transposed(layer);
        expectSame(run(g, back), convolve(g, back));
      }
    },
  );
});
