import { describe, expect, it } from 'vitest';
import type { ConvLayer } from '../../src/model/layers.js';
import { conv, depthToSpace, residual, spaceToDepth } from '../../src/reference/layers.js';
import { collect, type Rows, rowsOf } from '../../src/reference/rows.js';
import { Random } from '../support/random.js';

const base = { op: 'conv', kernel: 1, stride: 1, inputs: 1, outputs: 1, shift: 0 } as const;
const one = (layer: Partial<ConvLayer>): ConvLayer => ({
  ...base,
  weights: Int16Array.of(1),
  bias: Int32Array.of(0),
  min: -32767,
  max: 32767,
  ...layer,
});
const image = (width: number, height: number, ...data: number[]): Rows =>
  rowsOf({ width, height, channels: data.length / width / height, data: Int16Array.from(data) });
const valuesOf = (rows: Rows): number[] => [...collect(rows).data];

describe('conv', () => {
  it('saturates, then clamps', () => {
    const x = image(4, 1, 32767, -32767, 100, -100);
    expect(valuesOf(conv(x, one({ weights: Int16Array.of(4) })))).toEqual([
      32767, -32767, 400, -400,
    ]);
    expect(valuesOf(conv(x, one({ min: 0, max: 50 })))).toEqual([50, 0, 50, 0]);
    expect(valuesOf(conv(x, one({ shift: 3 })))).toEqual([4096, -4096, 13, -12]);
  });

  it('pads a 3x3 of stride 1 with one zero on each side', () => {
    const weights = Int16Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const x = image(2, 2, 1, 10, 100, 1000);
    // At the top left: x[0][0] * 5 + x[0][1] * 6 + x[1][0] * 8 + x[1][1] * 9.
    expect(valuesOf(conv(x, one({ kernel: 3, weights })))).toEqual([9865, 8754, 6532, 5421]);
  });

  it('pads a 3x3 of stride 2 at the right and the bottom only', () => {
    const weights = Int16Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const x = image(2, 2, 1, 10, 100, 1000);
    expect(valuesOf(conv(x, one({ kernel: 3, stride: 2, weights })))).toEqual([5421]);
  });
});

describe('residual', () => {
  it('adds its input on the same scale and clamps the sum', () => {
    const weights = Int16Array.from([0, 0, 0, 0, 2, 0, 0, 0, 0]);
    const first = one({ kernel: 3, weights, min: 0 });
    const second = one({ kernel: 3, weights });
    const layer = { op: 'residual', first, second, min: -100, max: 100 } as const;
    expect(valuesOf(residual(image(3, 1, 7, -7, 30), layer))).toEqual([35, -7, 100]);
  });
});

describe('space and depth', () => {
  it('order channels as (dy, dx, c)', () => {
    const x = image(2, 2, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(valuesOf(spaceToDepth(x, 2))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const wide = image(4, 2, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(valuesOf(spaceToDepth(wide, 2))).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
  });

  it('undo each other', () => {
    const random = new Random(2);
    const data = Array.from({ length: 16 * 8 * 3 }, () => random.integer(-32768, 32767));
    const x = image(16, 8, ...data);
    for (const block of [2, 4, 8]) {
      expect(valuesOf(depthToSpace(spaceToDepth(x, block), block))).toEqual(data);
    }
  });
});
