import { ShvqError } from '../../format/errors.js';
import { unrotate } from '../coder/bits.js';
import { scan, unscan } from '../coder/scan.js';
import { infoOf, sizeOf } from '../dtypes.js';
import {
  indexRange,
  indexShape,
  type PlanesEntry,
  type QuantizedEntry,
  type SequenceEntry,
  type TensorEntry,
} from '../format/header.js';
import { rowOf } from '../format/row.js';
import type { Codebook, Tensor, TensorData } from '../types.js';
import type { CodeReader } from './engine.js';
import { addBase, multiply, pick } from './values.js';

/** Bytes of a tensor's elements that lie in its block beside the arithmetic code. */
export function rawBytes(entry: TensorEntry): number {
  return entry.storage === 'planes' ? sizeOf(entry.shape) * entry.raw : 0;
}

/**
 * Decodes the next tensor.
 *
 * @param raw Its `rawBytes`.
 * @throws ShvqError CORRUPT, ENVIRONMENT, naming the tensor
 */
export function decodeTensor(reader: CodeReader, entry: TensorEntry, raw: Uint8Array): Tensor {
  const { name, shape, dtype } = entry;
  return { name, shape, dtype, data: decodeData(reader, entry, raw) };
}

function decodeData(reader: CodeReader, entry: TensorEntry, raw: Uint8Array): TensorData {
  switch (entry.storage) {
    case 'planes':
      return decodePlanes(reader, entry, raw);
    case 'sequence':
      return decodeIntegers(reader, entry);
    case 'quantized':
      return dequantize(entry, decodeIndices(reader, entry));
  }
}

/** @throws ShvqError ENVIRONMENT where the host lacks the memory */
function allocate(entry: TensorEntry, count: number): TensorData {
  const { array } = infoOf(entry.dtype);
  try {
    return new array(count);
  } catch (cause) {
    const place = { tensor: entry.name, cause };
    throw new ShvqError('ENVIRONMENT', `The host has no memory for ${count} elements`, place);
  }
}

function decodePlanes(reader: CodeReader, entry: PlanesEntry, raw: Uint8Array): TensorData {
  const { array, bytes: width, float } = infoOf(entry.dtype);
  const data = allocate(entry, sizeOf(entry.shape));
  const elements = new Uint8Array(data.buffer as ArrayBuffer);
  for (let from = 0, to = 0; from < raw.length; from += entry.raw, to += width) {
    for (let i = 0; i < entry.raw; i++) elements[to + i] = raw[from + i]!;
  }
  if (entry.raw < width) reader.planes(elements, width, entry.raw);
  if (float) unrotate(elements, width);
  return new array(elements.buffer as ArrayBuffer);
}

function sequence(reader: CodeReader, entry: SequenceEntry | QuantizedEntry, count: number) {
  const { coding, scale } = entry;
  const { period, lags, rate, shift } = coding;
  const row = rowOf(entry.shape, coding);
  return reader.sequence(count, { row, period, lags, rate, shift, scale: 2 ** scale });
}

function decodeIntegers(reader: CodeReader, entry: SequenceEntry): TensorData {
  const { base, coding, shape } = entry;
  const data = allocate(entry, sizeOf(shape)) as Int32Array;
  if (data.length === 0) return data;
  const values = sequence(reader, entry, data.length);
  check(entry, addBase(values, base, ...infoOf(entry.dtype).range!), values);
  unscan(values, shape, coding.axes, data);
  return data;
}

/**
 * Indices in the order of the scan, still less the base. Valid until the reader's next call.
 *
 * @throws ShvqError CORRUPT
 */
function decodeIndices(reader: CodeReader, entry: QuantizedEntry): Int32Array {
  const { axis, codebook, coding } = entry;
  const shape = indexShape(entry.shape, codebook, axis);
  const count = sizeOf(shape);
  if (count === 0) return new Int32Array(0);
  if (codebook.kind === 'vector') return reader.indices(count, rowOf(shape, coding));
  return sequence(reader, entry, count);
}

function outside({ name }: TensorEntry, value: number): ShvqError {
  return new ShvqError('CORRUPT', `${value} is out of range`, { tensor: name });
}

/** @param bad The position of a value that is out of range, or -1. @throws ShvqError CORRUPT */
function check(entry: SequenceEntry | QuantizedEntry, bad: number, values: Int32Array): void {
  if (bad >= 0) throw outside(entry, values[bad]! + entry.base);
}

/** The values of a codebook's points; undefined for a uniform one. */
function pointValues(codebook: Codebook): Float32Array | undefined {
  if (codebook.kind === 'uniform') return undefined;
  return Float32Array.from(codebook.points, (point) => codebook.step * point);
}

function dequantize(entry: QuantizedEntry, values: Int32Array): Float32Array {
  const { base, codebook, coding, shape } = entry;
  if (codebook.kind === 'vector') return dequantizeVectors(entry, values);
  const data = allocate(entry, sizeOf(shape)) as Float32Array;
  const points = pointValues(codebook);
  // In place of the indices.
  const floats = new Float32Array(values.buffer, values.byteOffset, values.length);
  check(
    entry,
    points ? pick(values, base, points, floats) : multiply(values, base, codebook.step, floats),
    values,
  );
  unscan(floats, shape, coding.axes, data);
  return data;
}

function dequantizeVectors(entry: QuantizedEntry, values: Int32Array): Float32Array {
  const { axis, codebook, coding, shape } = entry;
  if (codebook.kind !== 'vector') throw new TypeError('No codebook of vectors');
  const { dimensions } = codebook;
  const points = pointValues(codebook)!;
  const data = allocate(entry, sizeOf(shape)) as Float32Array;
  const inner = indexShape(shape, codebook, axis);
  // A position in the indices is (outer, along the axis, within); so is one in the values.
  const within = sizeOf(shape.slice(axis + 1));
  const side = shape[axis]!;
  const blocks = inner[axis]!;
  let n = 0;
  scan(inner, coding.axes, (start, step, count) => {
    for (let i = 0, at = start; i < count; i++, at += step) {
      const index = values[n++]!;
      if ((index + 1) * dimensions > points.length) throw outside(entry, index);
      const rest = at % within;
      const along = ((at - rest) / within) % blocks;
      const outer = Math.floor(at / (within * blocks));
      const first = along * dimensions;
      const to = (outer * side + first) * within + rest;
      const limit = Math.min(dimensions, side - first);
      for (let j = 0; j < limit; j++) data[to + j * within] = points[index * dimensions + j]!;
    }
  });
  return data;
}

/** A tensor's indices in its own order, for tools that look into files. */
export function decodeStoredIndices(reader: CodeReader, entry: QuantizedEntry): Int32Array {
  const values = decodeIndices(reader, entry);
  const { codebook } = entry;
  const shape = indexShape(entry.shape, codebook, entry.axis);
  const [low, high] = indexRange(codebook);
  check(entry, addBase(values, entry.base, low, high), values);
  const indices = new Int32Array(values.length);
  unscan(values, shape, entry.coding.axes, indices);
  return indices;
}
