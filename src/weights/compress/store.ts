import type { QuantizedTensor, StoredTensor } from '../types.js';
import { type Centers, shortStep } from './codebook.js';
import { rootMeanSquare } from './math.js';
import { fromMatrix } from './matrix.js';
import type { Layer } from './network.js';
import { isStatistic } from './normalization-names.js';
import type { QuantizedMatrix } from './quantize.js';

/** Centers that were chosen, and the one at the origin. */
function keptCenters(indices: Int32Array, { count, zero }: Centers): number[] {
  const chosen = new Uint8Array(count);
  chosen[zero] = 1;
  for (const i of indices) chosen[i] = 1;
  return [...chosen.keys()].filter((j) => chosen[j] === 1);
}

/** The step of centers that lie evenly around zero; undefined where they do not. */
function evenStep(points: Int32Array, zero: number, unit: number): number | undefined {
  const gap = points.length > 1 ? points[1]! - points[0]! : 1;
  const step = gap * unit;
  // The same values have to come out, to the last bit.
  if (step !== Math.fround(step)) return undefined;
  return points.every((point, i) => point === (i - zero) * gap) ? step : undefined;
}

/**
 * A quantized matrix as a tensor of the file. Centers that were never chosen are left
 * out.
 */
export function storeMatrix(
  name: string,
  shape: readonly number[],
  outputs: Layer['outputs'],
  { indices, centers, unit }: Pick<QuantizedMatrix, 'indices' | 'centers' | 'unit'>,
): QuantizedTensor {
  const d = centers?.dimensions ?? 1;
  const axis = outputs === 'first' ? 0 : shape.length - 1;
  const stored = [...shape];
  stored[axis] = Math.ceil(shape[axis]! / d);
  const rows = stored[axis]!;
  const placed = new Int32Array(indices.length);
  const place = (data: Int32Array): void =>
    fromMatrix({ rows, columns: indices.length / rows, data }, outputs, placed);
  const base = { name, shape, mode: 'quantized' as const, indices: placed };
  if (!centers) {
    place(indices);
    return { ...base, axis: 0, codebook: { kind: 'uniform', step: unit } };
  }
  const { count, zero } = centers;
  const all = Int32Array.from(centers.points, (point) => Math.round(point / unit));
  const step = d === 1 ? evenStep(all, zero, unit) : undefined;
  if (step !== undefined) {
    place(indices.map((i) => i - zero));
    return { ...base, axis: 0, codebook: { kind: 'uniform', step } };
  }
  const kept = keptCenters(indices, centers);
  const renamed = new Int32Array(count);
  kept.forEach((j, number) => {
    renamed[j] = number;
  });
  place(indices.map((i) => renamed[i]!));
  const points = Int32Array.from(kept.flatMap((j) => [...all.subarray(j * d, (j + 1) * d)]));
  return d === 1
    ? { ...base, axis: 0, codebook: { kind: 'scalar', step: unit, points } }
    : { ...base, axis, codebook: { kind: 'vector', step: unit, dimensions: d, points } };
}

/** Indices of rounded tensors stay below this: the precision of float32 needs no more. */
const INDEX_MAX = 2 ** 20;
/** Of their steps. */
const STEP_BITS = 3;

/** A tensor rounded to multiples of about a step, in place too. */
export function storeRounded(
  name: string,
  shape: readonly number[],
  data: Float32Array,
  step: number,
): QuantizedTensor {
  const most = data.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const unit = shortStep(Math.max(step, most / INDEX_MAX), STEP_BITS);
  const indices = Int32Array.from(data, (x) => Math.round(x / unit));
  for (let i = 0; i < data.length; i++) data[i] = Math.fround(indices[i]! * unit);
  return {
    name,
    shape,
    mode: 'quantized',
    axis: 0,
    indices,
    codebook: { kind: 'uniform', step: unit },
  };
}

/** Bits of other float tensors below their root mean square. */
const PRECISION = 2 ** -7;

/**
 * Biases and other small tensors: rounded to a step well below their size, in place too, where one step
 * suits all their elements.
 */
export function storeOther(
  name: string,
  shape: readonly number[],
  data: Float32Array,
): StoredTensor {
  const size = rootMeanSquare(data);
  const step = size * PRECISION;
  if (!(size > 1e-30 && size < 1e30) || isStatistic(name) || hasVanishing(data, step)) {
    return { name, shape, dtype: 'float32', data, mode: 'lossless' };
  }
  return storeRounded(name, shape, data, step);
}

/** Whether the step makes zeros of what is positive: a network may divide by it. */
function hasVanishing(data: Float32Array, step: number): boolean {
  return data.every((x) => x >= 0) && data.some((x) => x > 0 && x < step / 2);
}

/** A tensor whose elements are all alike. */
export function storeConstant(
  name: string,
  shape: readonly number[],
  value: number,
): QuantizedTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const step = value === 0 ? 1 : Math.abs(Math.fround(value));
  const indices = new Int32Array(size).fill(Math.sign(value));
  return { name, shape, mode: 'quantized', axis: 0, indices, codebook: { kind: 'uniform', step } };
}
