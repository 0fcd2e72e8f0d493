import type { BitCoder } from '../../entropy/adaptive.js';
import { bytesOf, infoOf, sizeOf } from '../dtypes.js';
import { indexShape, type TensorEntry } from '../format/header.js';
import { rowOf } from '../format/row.js';
import { codePlanes } from './bits.js';
import { codeSequence } from './sequence.js';
import { codeIndices } from './vector.js';

/** Elements of a tensor as they are coded: integers in the order of the scan, or bytes. */
export type Elements = Int32Array | Uint8Array;

/** Number of integers that a tensor's sequence has. */
export function lengthOf(entry: TensorEntry): number {
  if (entry.storage !== 'quantized') return sizeOf(entry.shape);
  return sizeOf(indexShape(entry.shape, entry.codebook, entry.axis));
}

/** Codes a tensor's elements; they are written when `coder` reads. */
export function codeElements(coder: BitCoder, entry: TensorEntry, elements: Elements): void {
  if (entry.storage === 'planes') {
    codePlanes(coder, bytesOf(elements), infoOf(entry.dtype).bytes, entry.raw);
    return;
  }
  const values = elements as Int32Array;
  if (values.length === 0) return;
  if (entry.storage === 'quantized' && entry.codebook.kind === 'vector') {
    const shape = indexShape(entry.shape, entry.codebook, entry.axis);
    codeIndices(coder, values, rowOf(shape, entry.coding));
    return;
  }
  const { period, lags, rate, shift } = entry.coding;
  const row = rowOf(entry.shape, entry.coding);
  codeSequence(coder, values, { row, period, lags, rate, shift, scale: 2 ** entry.scale });
}
