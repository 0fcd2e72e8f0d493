import { describe, expect, it } from 'vitest';
import { buildDecoderModel } from '../../src/model/build.ts';
import { transform } from '../../src/reference/layers.ts';
import { collect, rowsOf } from '../../src/reference/rows.ts';
import { calibrate, type Ranges } from '../src/export/calibrate.ts';
import type { FloatConv, FloatTransform } from '../src/export/float.ts';
import { integerSum, integerTransform, outputsFirst } from '../src/export/integers.ts';
import { Rng } from '../src/rng.ts';
import { tf } from '../src/tf.ts';

const rng = new Rng(5);
const normals = (length: number, deviation: number) =>
  Float32Array.from({ length }, () => rng.normal() * deviation);

function conv(
  kernel: 1 | 3,
  stride: 1 | 2,
  inputs: number,
  outputs: number,
  relu: boolean,
): FloatConv {
  const fan = kernel * kernel * inputs;
  return {
    op: 'conv',
    kernel,
    stride,
    inputs,
    outputs,
    weights: normals(fan * outputs, 1 / Math.sqrt(fan)),
    bias: normals(outputs, 0.1),
    relu,
  };
}

describe('integer export', () => {
  const float: FloatTransform = {
    trunk: [
      { op: 'spaceToDepth', block: 4 },
      conv(3, 1, 48, 16, true),
      { op: 'residual', first: conv(3, 1, 16, 8, true), second: conv(3, 1, 8, 16, false) },
      conv(3, 2, 16, 32, true),
      conv(1, 1, 32, 64, false),
      { op: 'depthToSpace', block: 2 },
    ],
    shortcut: [{ op: 'spaceToDepth', block: 4 }, conv(1, 1, 48, 16, false)],
  };

  it('computes what the float layers compute, to a thousandth of their range', async () => {
    await tf.setBackend('cpu');
    const side = 32;
    const pixels = Int16Array.from({ length: side * side * 3 }, () => 2 * rng.below(256) - 255);
    const x = tf.tensor4d(
      Float32Array.from(pixels, (v) => v / 510),
      [1, side, side, 3],
    );
    const ranges: Ranges = new Map();
    const wanted = calibrate(float, x, ranges).dataSync();
    const unit = 2 ** -11;
    const integer = integerTransform(
      float,
      ranges,
      { unit: 1 / 510, max: 255 },
      { unit, max: 32767 },
    );
    const tensor = { width: side, height: side, channels: 3, data: pixels };
    const [trunk, shortcut] = transform(rowsOf(tensor), integer).map((rows) => collect(rows));
    const range = Math.max(...wanted.map(Math.abs));
    let worst = 0;
    trunk.data.forEach((t, i) => {
      worst = Math.max(worst, Math.abs((t + shortcut.data[i]) * unit - wanted[i]));
    });
    expect(trunk.data.length).toBe(wanted.length);
    expect(worst / range).toBeLessThan(2e-3);
  });

  it('uses the accumulator to within a factor of two and never overflows it', () => {
    const weights = outputsFirst(normals(8 * 1440, 0.05), 8);
    const grid = { unit: 0.001, max: 4095 };
    const {
      weights: packed,
      bias,
      shift,
    } = integerSum(new Float32Array(8), [{ weights, grid }], () => 0.002);
    const sums = Array.from(bias, (b, o) => {
      let sum = Math.abs(b) + 2 ** (shift - 1);
      for (let i = 0; i < 1440; i++) sum += Math.abs(packed[0][o * 1440 + i]) * grid.max;
      return sum;
    });
    expect(Math.max(...sums)).toBeLessThan(2 ** 31);
    expect(Math.max(...sums)).toBeGreaterThan(2 ** 29.9);
  });

  it('refuses weights that cannot be represented', () => {
    const weights = Float32Array.of(1e6);
    const term = { weights, grid: { unit: 1, max: 4095 } };
    expect(() => integerSum(new Float32Array(1), [term], () => 1)).toThrow(/overflow/);
  });

  it('hands the model to the same checks as the decoder', () => {
    expect(() => buildDecoderModel({ structure: '{}', tensors: [] })).toThrow(/structure/);
  });
});
