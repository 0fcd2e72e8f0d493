import { ShvqError } from '../../format/errors.js';
import { rotate } from '../coder/bits.js';
import type { Elements } from '../coder/block.js';
import { scan } from '../coder/scan.js';
import { bytesOf, type DTypeInfo, infoOf, sizeOf } from '../dtypes.js';
import { indexRange, indexShape, nearestZero, type TensorEntry } from '../format/header.js';
import {
  DIMENSIONS_MAX,
  POINT_MAX,
  RANK_MAX,
  SCALARS_MAX,
  SCALE_MAX,
  VECTORS_MAX,
} from '../format/layout.js';
import type { Codebook, LosslessTensor, QuantizedTensor, StoredTensor, Tensor } from '../types.js';
import { chooseCoding } from './coding.js';
import { rawPlanes } from './planes.js';

/** A tensor with everything that its coding needs. */
export interface PlannedTensor {
  readonly entry: TensorEntry;
  readonly elements: Elements;
  /** Bytes of an element that are stored and not coded, and all of its bytes. */
  readonly raw: number;
  readonly width: number;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Values from here on are left out of the sequence coder's promise. */
const VALUE_MAX = 2 ** 29;

function check(condition: boolean, message: string, tensor: string): asserts condition {
  if (!condition) throw new ShvqError('BAD_INPUT', message, { tensor });
}

function checkCodebook(codebook: Codebook, name: string): void {
  const { kind, step } = codebook;
  check(
    step > 0 && step < Infinity && Math.fround(step) === step,
    `The step ${step} is no positive float32`,
    name,
  );
  if (kind === 'uniform') return;
  const { points } = codebook;
  const dimensions = kind === 'vector' ? codebook.dimensions : 1;
  const count = points.length / dimensions;
  check(
    kind === 'scalar' ||
      (Number.isInteger(dimensions) && dimensions >= 2 && dimensions <= DIMENSIONS_MAX),
    `Vectors of ${dimensions} scalars`,
    name,
  );
  check(
    Number.isInteger(count) && count <= (kind === 'vector' ? VECTORS_MAX : SCALARS_MAX),
    `${count} centers`,
    name,
  );
  points.forEach((point, i) => {
    check(Math.abs(point) < POINT_MAX, `The center ${point} is too large`, name);
    check(
      kind === 'vector' || i === 0 || point > points[i - 1]!,
      'The centers do not increase',
      name,
    );
  });
}

/** Elements in the order of a scan, less a base. */
function scanned(
  data: ArrayLike<number>,
  shape: readonly number[],
  axes: readonly number[],
  base: number,
): Int32Array {
  const values = new Int32Array(data.length);
  let n = 0;
  scan(shape, axes, (start, step, count) => {
    for (let i = 0, at = start; i < count; i++, at += step) values[n++] = data[at]! - base;
  });
  return values;
}

/** The element that a sequence of few, alike values goes around; 0 where it goes around zero. */
function chooseBase(data: ArrayLike<number>): number {
  if (data.length === 0) return 0;
  const sorted = Int32Array.from(data).sort();
  const middle = sorted[sorted.length >> 1]!;
  const spread = sorted[(sorted.length * 7) >> 3]! - sorted[sorted.length >> 3]!;
  return Math.abs(middle) > spread ? middle : 0;
}

/** Logarithm of the mean magnitude of the first elements, times 256. */
function chooseScale(values: Int32Array, shift: number): number {
  const count = Math.min(values.length, 256);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.abs(values[i]!);
  const mean = count === 0 ? 0 : Math.floor((sum * 256) / count / 2 ** shift);
  return mean < 1 ? 0 : Math.min(SCALE_MAX, 31 - Math.clz32(mean));
}

function planSequence(
  entry: { name: string; shape: readonly number[] },
  data: ArrayLike<number>,
  shape: readonly number[],
  base: number,
): { elements: Int32Array; coding: TensorCoding } {
  for (let i = 0; i < data.length; i++) {
    check(Math.abs(data[i]! - base) < VALUE_MAX, `The index ${data[i]} is too large`, entry.name);
  }
  const coding = chooseCoding(data, shape, base);
  const elements = scanned(data, shape, coding.axes, base);
  return { elements, coding: { coding, base, scale: chooseScale(elements, coding.shift) } };
}

interface TensorCoding {
  coding: ReturnType<typeof chooseCoding>;
  base: number;
  scale: number;
}

function planQuantized(tensor: QuantizedTensor): PlannedTensor {
  const { name, shape, codebook, indices, axis } = tensor;
  checkCodebook(codebook, name);
  const vector = codebook.kind === 'vector';
  check(
    vector ? Number.isInteger(axis) && axis >= 0 && axis < shape.length : axis === 0,
    `There is no axis ${axis}`,
    name,
  );
  const inner = indexShape(shape, codebook, axis);
  check(indices.length === sizeOf(inner), `${indices.length} indices`, name);
  const [low, high] = indexRange(codebook);
  for (const index of indices) {
    check(index >= low && index <= high, `There is no center ${index}`, name);
  }
  // Indices of vectors have no base: the first center is the most likely.
  const base =
    codebook.kind === 'scalar' ? nearestZero(codebook.points) : vector ? 0 : chooseBase(indices);
  const { elements, coding } = planSequence(tensor, indices, inner, base);
  return {
    entry: { storage: 'quantized', name, dtype: 'float32', shape, codebook, axis, ...coding },
    elements,
    raw: 0,
    width: 1,
  };
}

function checkData({ name, shape, dtype, data }: Tensor): void {
  const info: DTypeInfo | undefined = infoOf(dtype);
  check(info !== undefined, `There is no type ${dtype}`, name);
  check(
    Object.prototype.toString.call(data) === `[object ${info.array.name}]`,
    `${dtype} lies in ${info.array.name}`,
    name,
  );
  check(data.length === sizeOf(shape), `${data.length} elements`, name);
}

function planLossless(tensor: LosslessTensor): PlannedTensor {
  checkData(tensor);
  const { name, shape, dtype, data } = tensor;
  const info = infoOf(dtype);
  const { range } = info;
  const base = range ? chooseBase(data as Int32Array) : 0;
  if (range && isSequence(data as Int32Array, base, range)) {
    const integers = data as Int32Array;
    const { elements, coding } = planSequence(tensor, integers, shape, base);
    const entry = { storage: 'sequence', name, dtype, shape, ...coding } as const;
    return { entry, elements, raw: 0, width: 1 };
  }
  const elements = bytesOf(data).slice();
  if (info.float) rotate(elements, info.bytes);
  const raw = rawPlanes(elements, info.bytes);
  return {
    entry: { storage: 'planes', name, dtype, shape, raw },
    elements,
    raw,
    width: info.bytes,
  };
}

/** Whether integers are what their type promises, and as small as the sequence coder does. */
function isSequence(
  data: Int32Array,
  base: number,
  [low, high]: readonly [number, number],
): boolean {
  return data.every(
    (value) =>
      value >= Math.max(low, -VALUE_MAX) &&
      value <= Math.min(high, VALUE_MAX) &&
      Math.abs(value - base) < VALUE_MAX,
  );
}

/** @param names Of the tensors before; the tensor's is added. */
function checkNameAndShape(
  { name, shape }: Pick<Tensor, 'name' | 'shape'>,
  names: Set<string>,
): void {
  check(typeof name === 'string', 'A tensor has no name', String(name));
  check(!name.includes('\0'), 'The name holds a zero', name);
  // Halves of surrogate pairs alone have no UTF-8: names that differ in them would be one.
  check(!LONE_SURROGATE.test(name), 'The name is no Unicode text', name);
  check(!names.has(name), 'Two tensors have this name', name);
  names.add(name);
  check(
    Array.isArray(shape) &&
      shape.length <= RANK_MAX &&
      shape.every((side) => Number.isInteger(side) && side >= 0 && side < 2 ** 32),
    `The shape [${shape}] is out of range`,
    name,
  );
}

/** Whether a file can hold a network's tensors. @throws ShvqError BAD_INPUT */
export function checkTensors(tensors: readonly Tensor[]): void {
  const names = new Set<string>();
  for (const tensor of tensors) {
    checkNameAndShape(tensor, names);
    checkData(tensor);
  }
}

/**
 * Checks a tensor and decides how it is coded.
 *
 * @param names Of the tensors before; the tensor's is added.
 * @throws ShvqError BAD_INPUT
 */
export function planTensor(tensor: StoredTensor, names: Set<string>): PlannedTensor {
  checkNameAndShape(tensor, names);
  return tensor.mode === 'quantized' ? planQuantized(tensor) : planLossless(tensor);
}
