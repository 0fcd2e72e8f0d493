import { CONTEXTS } from '../coder/contexts.js';
import { BitCounter } from '../coder/counter.js';
import { LAGS_MAX, PERIOD_MAX, RATE_MAX, SHIFT_MAX } from '../coder/parameters.js';
import { scan } from '../coder/scan.js';
import { codeSequence } from '../coder/sequence.js';
import { sizeOf } from '../dtypes.js';
import type { Coding } from '../format/header.js';
import { rowOf } from '../format/row.js';
import { strongLags } from './lags.js';

/** Elements that choices are tried on, from the tensor's beginning: the scan, then the rest. */
const SCAN_SAMPLE = 2 ** 13;
const SAMPLE = 2 ** 15;
/** Tensors with fewer elements are not worth a search. */
const SEARCHED = 512;
/** Longest kernel whose positions have filters of their own. */
const KERNEL_MAX = 64;
/** The predictor takes values up to 2^10. */
const VALUE_BITS = 10;
const RATES = [9, 12, RATE_MAX];
/** What another coding than the tensors before have costs in the header, in units of 2^-8 bit. */
const TELLING = 8 * 8 * 256;
/** Part of its cost that a tensor must come down to for a longer search. */
const WORTHWHILE = 0.93;

/** Orders in which the axes of a tensor may be scanned: outputs, inputs, then kernel positions. */
function scans(rank: number): number[][] {
  const own = Array.from({ length: rank }, (_, axis) => axis);
  if (rank < 2) return [own];
  if (rank === 2) return [own, [1, 0]];
  // Kernels lie last, as in PyTorch, or first, as in TensorFlow.
  const first = [rank - 1, rank - 2, ...own.slice(0, rank - 2)];
  // Or between outputs and inputs.
  const between = [0, rank - 1, ...own.slice(1, rank - 1)];
  return rank === 3 ? [own, first, between, [1, 2, 0]] : [own, first, between];
}

function periodOf(shape: readonly number[], axes: readonly number[]): number {
  const kernel = axes.slice(2).reduce((size, axis) => size * shape[axis]!, 1);
  return kernel > 1 && kernel <= KERNEL_MAX ? kernel : 1;
}

/** The beginning of a scan, less the base. */
function sampleOf(
  data: ArrayLike<number>,
  shape: readonly number[],
  axes: readonly number[],
  base: number,
  length: number,
): Int32Array {
  const sample = new Int32Array(Math.min(length, data.length));
  let n = 0;
  scan(shape, axes, (start, step, count) => {
    const end = Math.min(sample.length - n, count);
    for (let i = 0, at = start; i < end; i++, at += step) sample[n++] = data[at]! - base;
  });
  return sample;
}

function shiftFor(data: ArrayLike<number>, base: number): number {
  let most = 0;
  for (let i = 0; i < data.length; i++) most = Math.max(most, Math.abs(data[i]! - base));
  return Math.max(0, Math.min(SHIFT_MAX, 32 - Math.clz32(most) - VALUE_BITS));
}

function distinct(lags: readonly number[], limit: number): number[] {
  return [...new Set(lags)].filter((lag) => lag > 0 && lag < limit).slice(0, LAGS_MAX);
}

/** Units of 2^-8 bit, with nothing learned before. */
function costOf(sample: Int32Array, row: number, { axes: _, ...coding }: Coding): number {
  const counter = new BitCounter(CONTEXTS);
  codeSequence(counter, sample, { ...coding, row, scale: 256 });
  return counter.cost;
}

/**
 * Chooses how to code integers: the order of the scan, the filter's taps and its pace, each by what
 * the tensor's beginning costs with it.
 *
 * @param data Row-major, of the shape.
 */
export function chooseCoding(
  data: ArrayLike<number>,
  shape: readonly number[],
  base: number,
): Coding {
  const shift = shiftFor(data, base);
  const own = shape.map((_, axis) => axis);
  if (sizeOf(shape) < SEARCHED) return { axes: own, period: 1, lags: [], rate: 0, shift };
  let best: Coding | undefined;
  let least = Infinity;
  let sample: Int32Array = new Int32Array(0);
  let row = 1;
  const attempt = (coding: Coding): void => {
    const cost = costOf(sample, row, coding);
    if (cost > least - TELLING) return;
    least = cost;
    best = coding;
  };
  for (const axes of scans(shape.length)) {
    const period = Math.min(PERIOD_MAX, periodOf(shape, axes));
    row = rowOf(shape, { axes });
    sample = sampleOf(data, shape, axes, base, SCAN_SAMPLE);
    const near = distinct([1, period > 4 ? 3 : 2, period, row], sample.length);
    attempt({ axes, period, lags: near, rate: 11, shift });
  }
  const { axes } = best!;
  row = rowOf(shape, { axes });
  sample = sampleOf(data, shape, axes, base, SAMPLE);
  const strong = strongLags(sample.subarray(0, SCAN_SAMPLE), row).slice(0, 8);
  const both = distinct([...strong, ...best!.lags], sample.length);
  least = costOf(sample, row, best!);
  attempt({ ...best!, lags: both });
  for (const rate of RATES) attempt({ ...best!, rate });
  const foretold = least;
  const blind = { ...best!, lags: [], rate: 0 };
  const unforetold = costOf(sample, row, blind);
  if (unforetold <= foretold + TELLING) return blind;
  if (foretold > unforetold * WORTHWHILE) return best!;
  // What can be foretold well is worth a longer search.
  for (const lag of strongLags(sample, row)) {
    attempt({ ...best!, lags: distinct([...best!.lags, lag], sample.length) });
  }
  for (const period of [2, 3, 4]) if (row % period === 0) attempt({ ...best!, period });
  for (const rate of RATES) attempt({ ...best!, rate });
  return best!;
}
