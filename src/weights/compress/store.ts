import type { QuantizedTensor } from '../types.js';
import { fromMatrix } from './matrix.js';
import type { Layer } from './network.js';
import type { QuantizedMatrix, QuantizerSettings } from './quantize.js';

/** A quantized matrix as a tensor of the file. Centers that were never chosen are left out. */
export function storeMatrix(
  name: string,
  shape: readonly number[],
  outputs: Layer['outputs'],
  { indices, centers, unit }: Pick<QuantizedMatrix, 'indices' | 'centers' | 'unit'>,
  { learned }: QuantizerSettings,
): QuantizedTensor {
  const { dimensions: d, count, zero } = centers;
  const axis = outputs === 'first' ? 0 : shape.length - 1;
  const stored = [...shape];
  stored[axis] = Math.ceil(shape[axis]! / d);
  const rows = stored[axis]!;
  const placed = new Int32Array(indices.length);
  const place = (data: Int32Array): void =>
    fromMatrix({ rows, columns: indices.length / rows, data }, outputs, placed);
  const base = { name, shape, mode: 'quantized' as const, indices: placed };
  if (d === 1 && !learned) {
    place(indices.map((i) => i - zero));
    return { ...base, axis: 0, codebook: { kind: 'uniform', step: unit } };
  }
  const chosen = new Uint8Array(count);
  chosen[zero] = 1;
  for (const i of indices) chosen[i] = 1;
  const renamed = new Int32Array(count);
  const kept: number[] = [];
  for (let j = 0; j < count; j++) {
    if (chosen[j] === 0) continue;
    renamed[j] = kept.length;
    kept.push(j);
  }
  const points = Int32Array.from(
    kept.flatMap((j) => Array.from(centers.points.subarray(j * d, (j + 1) * d))),
    (point) => Math.round(point / unit),
  );
  place(indices.map((i) => renamed[i]!));
  return d === 1
    ? { ...base, axis: 0, codebook: { kind: 'scalar', step: unit, points } }
    : { ...base, axis, codebook: { kind: 'vector', step: unit, dimensions: d, points } };
}

/** Indices of rounded tensors stay below this: the precision of float32 needs no more. */
const INDEX_MAX = 2 ** 20;

/** A step cut to four significant bits, which the file's header says in fewer bytes. */
function short(step: number): number {
  const bits = new Uint32Array(Float32Array.of(step).buffer);
  bits[0] = bits[0]! & 0xfff00000;
  return new Float32Array(bits.buffer)[0]! || Math.fround(step);
}

/** A tensor rounded to multiples of about a step, in place too. */
export function storeRounded(
  name: string,
  shape: readonly number[],
  data: Float32Array,
  step: number,
): QuantizedTensor {
  const most = data.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const unit = short(Math.max(step, most / INDEX_MAX));
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
