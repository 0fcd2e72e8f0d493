import { expect, it } from 'vitest';
import type { ConvLayer } from '../../src/model/layers.js';
import { conv } from '../../src/reference/layers.js';
import { collect, rowsOf } from '../../src/reference/rows.js';
import { type Tensor, zeros } from '../../src/reference/tensor.js';
import { transposed } from '../../src/search/transpose.js';
import { randomConv } from '../support/chains.js';
import { Random } from '../support/random.js';

const convolve = (x: Tensor, layer: ConvLayer): Tensor => collect(conv(rowsOf(x), layer));

const random = new Random(3);

function noise(width: number, height: number, channels: number): Tensor {
  const x = zeros(width, height, channels);
  for (let i = 0; i < x.data.length; i++) x.data[i] = random.integer(-3, 3);
  return x;
}

const dot = (a: Tensor, b: Tensor): number => a.data.reduce((sum, v, i) => sum + v * b.data[i]!, 0);

it.each([1, 3] as const)('is the adjoint of a convolution of %i x %i', (kernel) => {
  const shape = { kernel, stride: 1, inputs: 5, outputs: 7 } as const;
  const drawn = randomConv(random, shape, { shift: 0, min: -32767, max: 32767 });
  const layer = {
    ...drawn,
    weights: drawn.weights.map(() => random.integer(-9, 9)),
    bias: new Int32Array(7),
  };
  const x = noise(6, 4, 5);
  const y = noise(6, 4, 7);
  expect(dot(convolve(x, layer), y)).toBe(dot(x, convolve(y, transposed(layer))));
});
