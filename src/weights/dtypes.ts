import type { DType, TensorData } from './types.js';

/** What is to be known of a type of elements. */
export interface DTypeInfo {
  readonly dtype: DType;
  /** Bytes of an element. */
  readonly bytes: number;
  readonly array: {
    new (buffer: ArrayBuffer, offset?: number, length?: number): TensorData;
    new (length: number): TensorData;
    readonly name: string;
  };
  /** Lowest and highest value of integers that a sequence may stand for. */
  readonly range?: readonly [number, number];
  /** Sign, exponent and mantissa, from the highest bit. */
  readonly float?: true;
}

/** In the order of their numbers in files: docs/weights-format.md, section 3. */
export const DTYPES: readonly DTypeInfo[] = [
  { dtype: 'float32', bytes: 4, array: Float32Array, float: true },
  { dtype: 'float16', bytes: 2, array: Uint16Array, float: true },
  { dtype: 'bfloat16', bytes: 2, array: Uint16Array, float: true },
  { dtype: 'float64', bytes: 8, array: Float64Array, float: true },
  { dtype: 'int8', bytes: 1, array: Int8Array, range: [-128, 127] },
  { dtype: 'uint8', bytes: 1, array: Uint8Array, range: [0, 255] },
  { dtype: 'int16', bytes: 2, array: Int16Array, range: [-32768, 32767] },
  { dtype: 'uint16', bytes: 2, array: Uint16Array, range: [0, 65535] },
  { dtype: 'int32', bytes: 4, array: Int32Array, range: [-(2 ** 31), 2 ** 31 - 1] },
  { dtype: 'uint32', bytes: 4, array: Uint32Array },
  { dtype: 'int64', bytes: 8, array: BigInt64Array },
  { dtype: 'uint64', bytes: 8, array: BigUint64Array },
  { dtype: 'bool', bytes: 1, array: Uint8Array, range: [0, 1] },
];

export function infoOf(dtype: DType): DTypeInfo {
  return DTYPES.find((info) => info.dtype === dtype)!;
}

/** The bytes of a tensor's elements, not copied. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
