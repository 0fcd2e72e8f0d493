/**
 * What a `.shvw` file of version 1 holds: named tensors, each kept without loss or quantized to a
 * codebook. docs/weights-format.md is the specification.
 */

/** Types of elements, named as in numpy. */
export type DType =
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float64'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool';

/**
 * A typed array that holds elements of a dtype: the array of that name; float16 and bfloat16 as the
 * bits in a Uint16Array, bool as 0 and 1 in a Uint8Array.
 */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A named tensor, row-major: shape [] is a scalar, a side of 0 makes it empty. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: TensorData;
}

/** A tensor to be kept bit for bit. */
export interface LosslessTensor extends Tensor {
  readonly mode: 'lossless';
}

/** Index q stands for `fround(step * q)`. */
export interface UniformCodebook {
  readonly kind: 'uniform';
  /** A positive, finite float32. */
  readonly step: number;
}

/** Index k stands for `fround(step * points[k])`. */
export interface ScalarCodebook {
  readonly kind: 'scalar';
  /** A positive, finite float32: the unit of the points. */
  readonly step: number;
  /** Strictly increasing. */
  readonly points: Int32Array;
}

/**
 * Index k stands for the `dimensions` scalars `fround(step * points[k * dimensions + j])`, which are
 * neighbours along one axis of the tensor. Centers should be sorted by their norm, the smallest
 * first: the coder's contexts take a small index for a small vector.
 */
export interface VectorCodebook {
  readonly kind: 'vector';
  /** A positive, finite float32: the unit of the points. */
  readonly step: number;
  /** 2..16 */
  readonly dimensions: number;
  /** [number of centers][dimensions] */
  readonly points: Int32Array;
}

/**
 * Centers lie on multiples of a step, so that a decoder multiplies a float32 by an integer, once,
 * and gets the same bits everywhere. |q| and |points| are below 2^24. Tensors that share a codebook
 * (equal in content) pay for it once.
 */
export type Codebook = UniformCodebook | ScalarCodebook | VectorCodebook;

/** A tensor of float32 as indices into a codebook. */
export interface QuantizedTensor {
  readonly name: string;
  /** Of the values, row-major. */
  readonly shape: readonly number[];
  readonly mode: 'quantized';
  readonly codebook: Codebook;
  /**
   * Row-major, of the tensor's shape. With a vector codebook the side `axis` of this shape is
   * divided by `dimensions`, rounded up; what lies beyond the tensor's edge is dropped.
   */
  readonly indices: Int32Array;
  /** Along which vectors lie; 0 for the other codebooks. */
  readonly axis: number;
}

export type StoredTensor = LosslessTensor | QuantizedTensor;

/** The content of a file. */
export interface WeightsFile {
  /** JSON text, free for applications; tfjs models keep their topology here. '' for none. */
  readonly metadata: string;
  readonly tensors: readonly StoredTensor[];
}
