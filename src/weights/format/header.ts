import type { Codebook, DType } from '../types.js';
import { POINT_MAX } from './layout.js';

/** How a tensor's elements lie in the file: docs/weights-format.md, section 3. */
export type Storage = 'planes' | 'sequence' | 'quantized';

/** How a sequence is scanned and foretold; tensors share these. */
export interface Coding {
  /** The tensor's axes, the outermost of the scan first. */
  readonly axes: readonly number[];
  readonly period: number;
  readonly lags: readonly number[];
  readonly rate: number;
  readonly shift: number;
}

interface EntryBase {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Elements as they are, byte by byte. */
export interface PlanesEntry extends EntryBase {
  readonly storage: 'planes';
  /** Bytes of each element, the lowest, that are stored and not coded. */
  readonly raw: number;
}

/** Integers as they are, as a sequence. */
export interface SequenceEntry extends EntryBase {
  readonly storage: 'sequence';
  readonly coding: Coding;
  readonly base: number;
  /** Logarithm to base 2 of the expected magnitude at the start, times 256. */
  readonly scale: number;
}

/** Indices into a codebook. */
export interface QuantizedEntry extends EntryBase {
  readonly storage: 'quantized';
  readonly dtype: 'float32';
  readonly codebook: Codebook;
  readonly axis: number;
  readonly coding: Coding;
  readonly base: number;
  readonly scale: number;
}

export type TensorEntry = PlanesEntry | SequenceEntry | QuantizedEntry;

/** What a file says of itself before the first of its blocks. */
export interface WeightsHeader {
  readonly metadata: string;
  readonly tensors: readonly TensorEntry[];
  /** [blocks]: how many tensors each of them holds, in their order. */
  readonly blocks: readonly number[];
  /** CRC-32C that the first block's checksum goes on from. */
  readonly checksum: number;
  /** Bytes of the file up to the first block. */
  readonly bytes: number;
}

/** Shape of a tensor's indices: with vectors its side along them is shorter. */
export function indexShape(
  shape: readonly number[],
  codebook: Codebook,
  axis: number,
): readonly number[] {
  if (codebook.kind !== 'vector') return shape;
  return shape.map((side, i) => (i === axis ? Math.ceil(side / codebook.dimensions) : side));
}

/** The lowest and the highest index into a codebook. */
export function indexRange(codebook: Codebook): readonly [number, number] {
  if (codebook.kind === 'uniform') return [1 - POINT_MAX, POINT_MAX - 1];
  const dimensions = codebook.kind === 'vector' ? codebook.dimensions : 1;
  return [0, codebook.points.length / dimensions - 1];
}

/** What a tensor's base is told as a difference to: of scalar centers that nearest to zero. */
export function ownBase(codebook: Codebook | undefined): number {
  return codebook?.kind === 'scalar' ? nearestZero(codebook.points) : 0;
}

/** Index of the point nearest to zero, the first of two. */
export function nearestZero(points: Int32Array): number {
  let best = 0;
  for (let i = 1; i < points.length; i++) {
    if (Math.abs(points[i]!) < Math.abs(points[best]!)) best = i;
  }
  return best;
}
