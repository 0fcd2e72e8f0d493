import { describe, test } from 'vitest';
import type { ConvLayer, Layer } from '../../src/model/layers.js';
import { transform } from '../../src/reference/layers.js';
import { collect, rowsOf } from '../../src/reference/rows.js';
import { expectSame, type Fill, fillTensor, randomConv, runChain } from '../support/chains.js';
import { BUILDS } from '../support/kernels.js';
import { Random } from '../support/random.js';

const random = new Random(7);

const RANGES = [
  { shift: 0, min: -32767, max: 32767 },
  { shift: 1, min: 0, max: 32767 },
  { shift: 14, min: 0, max: 4095 },
  { shift: 20, min: -100, max: 77 },
  { shift: 30, min: -1, max: 1 },
];

type Shape = Pick<ConvLayer, 'kernel' | 'stride' | 'inputs' | 'outputs'>;

const SHAPES: Shape[] = [
  { kernel: 1, stride: 1, inputs: 16, outputs: 8 },
  { kernel: 1, stride: 1, inputs: 1, outputs: 1 },
  { kernel: 1, stride: 1, inputs: 5, outputs: 13 },
  { kernel: 1, stride: 1, inputs: 34, outputs: 104 },
  { kernel: 3, stride: 1, inputs: 8, outputs: 48 },
  { kernel: 3, stride: 1, inputs: 3, outputs: 12 },
  { kernel: 3, stride: 1, inputs: 1, outputs: 7 },
  { kernel: 3, stride: 1, inputs: 24, outputs: 40 },
  { kernel: 3, stride: 2, inputs: 6, outputs: 10 },
  { kernel: 3, stride: 2, inputs: 1, outputs: 3 },
  { kernel: 3, stride: 2, inputs: 16, outputs: 24 },
];

const conv = (shape: Shape, i = 2) => randomConv(random, shape, RANGES[i % RANGES.length]!);

function residual(channels: number, inner: number, i: number): Layer {
  return {
    op: 'residual',
    first: conv({ kernel: 3, stride: 1, inputs: channels, outputs: inner }, i),
    second: conv({ kernel: 3, stride: 1, inputs: inner, outputs: channels }, i + 1),
    min: -30000,
    max: 20000,
  };
}

function check(module: WebAssembly.Module, layers: Layer[], channels: number, sparse: boolean) {
  for (const fill of ['random', 'sparse', 'extreme'] satisfies Fill[]) {
    for (const [width, height] of [
      [2, 2],
      [12, 4],
      [14, 6],
      [26, 2],
    ] as const) {
      const x = fillTensor(random, width, height, channels, fill);
      const [expected] = transform(rowsOf(x), { trunk: layers, shortcut: [] });
      expectSame(runChain(module, layers, x, sparse), collect(expected));
    }
  }
}

describe.each(BUILDS)('chains in the $name build', ({ module }) => {
  test.each(SHAPES)('conv $kernel stride $stride $inputs -> $outputs', (shape) => {
    RANGES.forEach((_, i) => {
      check(module, [conv(shape, i)], shape.inputs, false);
    });
  });

  test.each(SHAPES)('zero-skipping conv $kernel stride $stride $inputs -> $outputs', (shape) => {
    RANGES.forEach((_, i) => {
      check(module, [conv(shape, i)], shape.inputs, true);
    });
  });

  test.each([
    [8, 8],
    [3, 5],
    [24, 40],
  ])('residual %i through %i', (channels, inner) => {
    for (let i = 0; i < RANGES.length; i++) {
      check(module, [residual(channels, inner, i)], channels, false);
      check(module, [residual(channels, inner, i)], channels, true);
    }
  });

  test('shuffles', () => {
    check(module, [{ op: 'spaceToDepth', block: 2 }], 3, false);
    check(module, [{ op: 'depthToSpace', block: 4 }], 48, false);
    check(module, [{ op: 'depthToSpace', block: 3 }], 9, true);
    check(module, [], 5, false);
  });

  test('long lists of every kind', () => {
    const layers: Layer[] = [
      { op: 'depthToSpace', block: 2 },
      conv({ kernel: 3, stride: 1, inputs: 6, outputs: 16 }),
      residual(16, 9, 2),
      residual(16, 24, 2),
      { op: 'depthToSpace', block: 4 },
      conv({ kernel: 1, stride: 1, inputs: 1, outputs: 8 }),
      { op: 'spaceToDepth', block: 2 },
      conv({ kernel: 3, stride: 2, inputs: 32, outputs: 12 }),
      residual(12, 12, 2),
      conv({ kernel: 3, stride: 1, inputs: 12, outputs: 20 }),
    ];
    check(module, layers, 24, false);
    check(module, layers.slice(1), 6, true);
  });
});
