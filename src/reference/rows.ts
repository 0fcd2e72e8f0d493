import type { Tensor } from './tensor.js';

/**
 * A [height][width][channels] tensor of i16 whose rows are made when they are asked for, so that a
 * picture of any height passes through the networks in the memory of a few rows.
 */
export interface Rows {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Row y, [width][channels], 0 <= y < height; good until KEPT others have been asked for. */
  row(y: number): Int16Array;
}

/** Rows that are not made again when they are asked for again: a 3x3 convolution reads three. */
export const KEPT = 3;

/** @param make Fills row y, [width][channels]. */
export function makeRows(
  width: number,
  height: number,
  channels: number,
  make: (y: number, row: Int16Array) => void,
): Rows {
  const kept = Array.from({ length: Math.min(KEPT, height) }, () => ({
    y: -1,
    data: new Int16Array(width * channels),
  }));
  const row = (y: number): Int16Array => {
    const slot = kept[y % kept.length]!;
    if (slot.y !== y) {
      make(y, slot.data);
      slot.y = y;
    }
    return slot.data;
  };
  return { width, height, channels, row };
}

/** A tensor row by row. */
export function rowsOf({ width, height, channels, data }: Tensor): Rows {
  const length = width * channels;
  const row = (y: number) => data.subarray(y * length, (y + 1) * length);
  return { width, height, channels, row };
}

/** All rows in one tensor. @param data For it: [height][width][channels]. */
export function collect(
  { channels, height, row, width }: Rows,
  data: Int16Array = new Int16Array(width * height * channels),
): Tensor {
  for (let y = 0; y < height; y++) data.set(row(y), y * width * channels);
  return { width, height, channels, data };
}
