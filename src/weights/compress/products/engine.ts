import type { EngineBuild } from '../../../runtime/engine.js';

/** A matrix of float32, row-major. */
export interface Rows {
  readonly rows: number;
  /** Of a row. */
  readonly length: number;
  /** [rows][length] */
  readonly data: Float32Array;
}

/** What multiplies matrices; all engines give the same bits. */
export interface ProductEngine {
  readonly build: EngineBuild;
  /**
   * Inner products of the rows of a with those of b, which are as long: a b^T. Left out, b is a, and
   * half of the work is saved.
   *
   * The order of additions is fixed: piece by piece of PIECE elements, in float32 in four lanes
   * (elements 0, 4, 8.. to the first), the lanes as (0 + 1) + (2 + 3) in double precision.
   *
   * @returns [rows of a][rows of b]
   */
  multiply(a: Rows, b?: Rows): Float64Array;
}

/** Elements that are summed in single precision: such pieces of many rows stay in the caches. */
export const PIECE = 128;
/** Lanes that elements are summed in. */
export const LANES = 4;

/** Copies the lower triangle of a square matrix to the upper one. */
export function mirrorLower(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) matrix[j * size + i] = matrix[i * size + j]!;
  }
}
