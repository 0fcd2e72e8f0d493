import { describe, expect, test } from 'vitest';
import { descale } from '../../src/entropy/distribution.js';
import { clamp, saturate } from '../../src/reference/tensor.js';
import { Machine } from '../../src/runtime/machine.js';
import { packBias, packSparse, packWeights, padLength } from '../../src/runtime/pack.js';
import { Plan } from '../../src/runtime/plan.js';
import { BUILDS } from '../support/kernels.js';
import { Random } from '../support/random.js';

interface Case {
  segments: number;
  length: number;
  rows: number;
  outputs: number;
  /** i16 elements from a row's input to the next row's. */
  step: number;
  shift: number;
}

const CASES: Case[] = [
  { segments: 1, length: 2, rows: 1, outputs: 8, step: 2, shift: 0 },
  { segments: 3, length: 24, rows: 13, outputs: 48, step: 8, shift: 9 },
  { segments: 3, length: 5, rows: 5, outputs: 3, step: -6, shift: 12 },
  { segments: 6, length: 16, rows: 2, outputs: 128, step: 30, shift: 8 },
  { segments: 2, length: 34, rows: 3, outputs: 41, step: -34, shift: 20 },
  { segments: 4, length: 12, rows: 7, outputs: 22, step: 0, shift: 30 },
  { segments: 9, length: 7, rows: 6, outputs: 55, step: 8, shift: 1 },
  { segments: 1, length: 8, rows: 0, outputs: 8, step: 8, shift: 1 },
];

const GUARD = 0x5a5a;
const random = new Random(3);

/** Runs a case through `product` or `sparseProduct`; compares with the sums as they are defined. */
function check(module: WebAssembly.Module, shape: Case, sparse: boolean): void {
  const { segments, length, rows, outputs, step, shift } = shape;
  const pairs = padLength(length) / 2;
  const span = Math.abs(step) * Math.max(0, rows - 1) + 2 * pairs;
  const size = Math.floor(2 ** 30 / 32768 / (segments * length));
  const weights = Int16Array.from({ length: outputs * segments * length }, () =>
    random.integer(-Math.min(size, 32767), Math.min(size, 32767)),
  );
  const bias = Int32Array.from({ length: outputs }, () => random.integer(-(2 ** 28), 2 ** 28));
  const [low, high] = [random.integer(-32768, 0), random.integer(1, 32767)];
  const values = Int16Array.from({ length: segments * span }, () =>
    random.integer(0, 3) > 0 && sparse ? 0 : random.integer(-32768, 32767),
  );

  const plan = new Plan();
  const input = plan.take(values.byteLength);
  const packed = plan.take(2 * (outputs + 32) * segments * 2 * pairs);
  const biases = plan.take(4 * (outputs + 32));
  const table = plan.take(8 * segments);
  const listStride = 2 + 2 * pairs;
  const lists = plan.take(listStride * segments * rows + 2);
  const dstStride = 2 * outputs + 6;
  const dst = plan.take(dstStride * (rows + 1) + 16);
  const machine = new Machine(module, plan.end);
  machine.write(input, values);
  machine.write(biases, packBias(bias));
  const start = (s: number) => s * span + (step < 0 ? -step * Math.max(0, rows - 1) : 0);
  const out = () => new Int16Array(machine.memory.buffer, dst, (dstStride / 2) * (rows + 1) + 8);
  out().fill(GUARD);
  const { kernels } = machine;
  if (sparse) {
    machine.write(packed, packSparse(weights, outputs, segments, length));
    const entries: number[] = [];
    for (let s = 0; s < segments; s++) {
      const list = lists + s * rows * listStride;
      const first = input + 2 * start(s);
      entries.push(first, list);
      kernels.listPairs(first, 2 * step, pairs, rows, list, listStride);
    }
    machine.write(table, Uint32Array.from(entries));
    kernels.sparseProduct(
      table,
      segments,
      pairs,
      2 * step,
      listStride,
      rows,
      packed,
      biases,
      outputs,
      dst,
      dstStride,
      shift,
      low,
      high,
    );
  } else {
    machine.write(packed, packWeights(weights, outputs, segments, length));
    const addresses = Uint32Array.from({ length: segments }, (_, s) => input + 2 * start(s));
    machine.write(table, addresses);
    kernels.product(
      table,
      segments,
      2 * pairs,
      2 * step,
      rows,
      packed,
      biases,
      outputs,
      dst,
      dstStride,
      shift,
      low,
      high,
    );
  }

  const expected = new Int16Array(out().length).fill(GUARD);
  let largest = 0;
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias[o]!;
      for (let s = 0; s < segments; s++) {
        for (let i = 0; i < length; i++) {
          sum += weights[(o * segments + s) * length + i]! * values[start(s) + r * step + i]!;
        }
      }
      largest = Math.max(largest, Math.abs(sum));
      expected[(r * dstStride) / 2 + o] = clamp(saturate(descale(sum, shift)), low, high);
    }
  }
  expect(largest).toBeLessThan(2 ** 31);
  expect(out()).toEqual(expected);
}

describe.each(BUILDS)('products of the $name build', ({ module }) => {
  test.each(CASES)('$segments x $length -> $outputs, $rows rows, step $step', (shape) => {
    for (let i = 0; i < 5; i++) check(module, shape, false);
  });

  test.each(CASES)('skipping zeros: $segments x $length -> $outputs, $rows rows', (shape) => {
    for (let i = 0; i < 5; i++) check(module, shape, true);
  });
});
