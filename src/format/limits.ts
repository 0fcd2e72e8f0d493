import type { Limits } from '../types.js';
import { ShvqError } from './errors.js';

export const DEFAULT_LIMITS: Readonly<Required<{ [K in keyof Limits]: number }>> = {
  maxPixels: 2 ** 26,
  maxBytes: 2 ** 28,
  maxMemory: 2 ** 30,
};

export type ResolvedLimits = typeof DEFAULT_LIMITS;

/**
 * Defaults, overridden by each of the limits in turn.
 *
 * @throws ShvqError BAD_INPUT for a limit that is no positive number
 */
export function resolveLimits(...overrides: (Limits | undefined)[]): ResolvedLimits {
  const limits = { ...DEFAULT_LIMITS };
  for (const override of overrides) {
    for (const name of Object.keys(limits) as (keyof Limits)[]) {
      const value = override?.[name];
      if (value === undefined) continue;
      if (typeof value !== 'number' || !(value > 0)) {
        throw new ShvqError(
          'BAD_INPUT',
          `limits.${name} is ${String(value)}, not a positive number`,
        );
      }
      limits[name] = value;
    }
  }
  return limits;
}

/** @throws ShvqError LIMIT if there are more pixels than `maxPixels` */
export function checkPixels(width: number, height: number, limits: ResolvedLimits): void {
  if (width * height <= limits.maxPixels) return;
  throw new ShvqError(
    'LIMIT',
    `${width} x ${height} pixels are more than limits.maxPixels = ${limits.maxPixels}`,
  );
}

/** @throws ShvqError LIMIT if the bytes are more than `maxMemory` */
export function checkMemory(bytes: number, limits: ResolvedLimits): void {
  if (bytes <= limits.maxMemory) return;
  throw new ShvqError(
    'LIMIT',
    `The picture needs ${bytes} bytes of memory, more than limits.maxMemory = ${limits.maxMemory}`,
  );
}

/** Model, tables and the context model's tile, whatever the picture's size. */
const FIXED_WORKSPACE = 6 * 2 ** 20;
/** Symbols, a byte each: up to 192 channels at 1/16. */
const BYTES_PER_POSITION = 192;
/** Rows of the synthesis, per 16 columns of pixels. */
const BYTES_PER_COLUMN = 16384;

/**
 * What decoding a picture may allocate with a shipped model, in bytes: the RGBA output, and everything
 * else but the compressed file. Rows that are handed out one by one need no output.
 */
export function memoryBound(
  width: number,
  height: number,
  tiles: number,
): { output: number; workspace: number } {
  const columns = Math.ceil(width / 16);
  const rows = Math.ceil(height / 16);
  return {
    output: width * height * 4,
    workspace:
      FIXED_WORKSPACE +
      columns * rows * BYTES_PER_POSITION +
      columns * BYTES_PER_COLUMN +
      tiles * 16,
  };
}
