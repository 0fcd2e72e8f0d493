import { EXP2 } from '../entropy/tables.js';
import { ShvqError } from '../format/errors.js';
import type { NamedTensor } from './tensors.js';

/** What follows a tensor's name in the names of the tensors that hold its steps. */
const SUFFIX = /^(.+)\.steps\.\d+$/;
const STEP_MAX = 15 * 256 - 1;
const VALUE_MAX = 32767;

/** The name of the k-th tensor of steps. */
export function stepsName(name: string, k: number): string {
  return `${name}.steps.${k}`;
}

/** The integer that index q stands for where the step is 2^(octaves / 256). */
export function scaleIndex(q: number, octaves: number): number {
  const unit = 2 ** (14 - (octaves >> 8));
  // Below 2^53: exact.
  return Math.floor((q * EXP2[octaves & 255]! + unit / 2) / unit);
}

/** Adds a tensor's elements to those of a larger one, repeating it along its sides of one. */
function addRepeated(sums: Int32Array, shape: readonly number[], steps: NamedTensor): void {
  const fits =
    steps.shape.length === shape.length &&
    steps.shape.every((side, axis) => side === 1 || side === shape[axis]);
  if (!fits) {
    throw new ShvqError('BAD_MODEL', `Steps of [${steps.shape}] do not fit [${shape}]`, {
      tensor: steps.name,
    });
  }
  const strides = new Array<number>(shape.length).fill(0);
  for (let axis = shape.length - 1, size = 1; axis >= 0; axis--) {
    if (steps.shape[axis]! > 1) strides[axis] = size;
    size *= steps.shape[axis]!;
  }
  const place = new Array<number>(shape.length).fill(0);
  const inner = shape.length - 1;
  const run = shape[inner] ?? 1;
  for (let n = 0; n < sums.length; ) {
    let at = 0;
    for (let axis = 0; axis < inner; axis++) at += place[axis]! * strides[axis]!;
    for (let i = 0; i < run; i++, n++, at += strides[inner] ?? 0) {
      sums[n] = sums[n]! + steps.data[at]!;
    }
    for (let axis = inner - 1; axis >= 0; axis--) {
      place[axis] = place[axis]! + 1;
      if (place[axis]! < shape[axis]!) break;
      place[axis] = 0;
    }
  }
}

function scaled(tensor: NamedTensor, steps: readonly NamedTensor[]): NamedTensor {
  const { name, shape, data } = tensor;
  const octaves = new Int32Array(data.length);
  for (const one of steps) addRepeated(octaves, shape, one);
  const values = new Int16Array(data.length);
  for (let n = 0; n < data.length; n++) {
    const value =
      octaves[n]! < 0 || octaves[n]! > STEP_MAX ? NaN : scaleIndex(data[n]!, octaves[n]!);
    if (!(Math.abs(value) <= VALUE_MAX)) {
      throw new ShvqError('BAD_MODEL', 'A weight or its step is out of range', { tensor: name });
    }
    values[n] = value;
  }
  return { name, shape, data: values };
}

/**
 * Puts tensors together with their steps: docs/format.md, section 9.2.
 *
 * @returns The tensors that are left, in the same order.
 * @throws ShvqError BAD_MODEL
 */
export function applySteps(tensors: readonly NamedTensor[]): NamedTensor[] {
  const names = new Set(tensors.map(({ name }) => name));
  const steps = new Map<string, NamedTensor[]>();
  const own: NamedTensor[] = [];
  for (const tensor of tensors) {
    const name = SUFFIX.exec(tensor.name)?.[1];
    if (name === undefined || !names.has(name)) own.push(tensor);
    else steps.set(name, [...(steps.get(name) ?? []), tensor]);
  }
  return own.map((tensor) => {
    const found = steps.get(tensor.name);
    return found ? scaled(tensor, found) : tensor;
  });
}
