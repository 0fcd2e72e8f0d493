/** The sum of the window's weights. */
export const WINDOW_SUM = 225;

/** 65536 / WINDOW_SUM. */
export const WINDOW_INVERSE = 291;

/** How far the window reaches. */
export const WINDOW_REACH = 3;

/** A grid of numbers, [height][width]. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Int32Array;
}

/** Sums under a window: what windowSums below does. */
export type SumWindow = (plane: Plane, sums: Int32Array) => void;

/** Sum of seven numbers, `step` apart, weighted 1 2 3 3 3 2 1. */
function seven(data: Int32Array, at: number, step: number): number {
  const outer = data[at]! + data[at + 6 * step]!;
  const next = data[at + step]! + data[at + 5 * step]!;
  const inner = data[at + 2 * step]! + data[at + 3 * step]! + data[at + 4 * step]!;
  return outer + 2 * next + 3 * inner;
}

/**
 * Sums under a window of 7x7, boxes of 3 and 5 one after the other each way: close to the Gaussian of
 * deviation 1.5 that SSIM is defined with, and made of additions only. Edges are repeated.
 *
 * @param plane Within +-2^23, so that no sum overflows.
 * @param sums Of the plane's length, and not in its place.
 */
export function windowSums({ data, height, width }: Plane, sums: Int32Array): void {
  const clampRow = (y: number): number => Math.min(Math.max(y, 0), height - 1);
  const across = new Int32Array((height + 6) * width);
  const padded = new Int32Array(width + 6);
  for (let y = 0; y < height + 6; y++) {
    const row = clampRow(y - WINDOW_REACH) * width;
    padRow(padded, data.subarray(row, row + width));
    for (let x = 0; x < width; x++) across[y * width + x] = seven(padded, x, 1);
  }
  for (let i = 0; i < sums.length; i++) sums[i] = seven(across, i, width);
}

/** A row with its ends repeated WINDOW_REACH times. */
export function padRow(padded: Int32Array, row: Int32Array): void {
  padded.set(row, WINDOW_REACH);
  padded.fill(row[0]!, 0, WINDOW_REACH);
  padded.fill(row[row.length - 1]!, WINDOW_REACH + row.length);
}
