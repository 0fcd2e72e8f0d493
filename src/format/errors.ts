/**
 * What can go wrong, as stable codes. `docs/format.md` and the README list them for users.
 *
 * - `BAD_MAGIC`: not a file of this format
 * - `UNSUPPORTED`: a newer version, a reserved bit, or a feature that this build lacks
 * - `TRUNCATED`: the data ends before what the header declares
 * - `CORRUPT`: a checksum or a field contradicts the data
 * - `WRONG_MODEL`: the file needs another model than the one given or known
 * - `BAD_MODEL`: a model file that breaks its promises (shapes, ranges, accumulator bounds)
 * - `LIMIT`: larger than the declared limit
 * - `BAD_INPUT`: an argument of a call is out of range or of the wrong kind
 * - `ABORTED`: the caller's signal fired
 * - `LOAD_FAILED`: a file of this package, kernels or model, did not load: not found, offline, or
 *   another file in its place
 * - `ENVIRONMENT`: the host forbids something that was asked for (compilation, for instance)
 */
export type ShvqErrorCode =
  | 'BAD_MAGIC'
  | 'UNSUPPORTED'
  | 'TRUNCATED'
  | 'CORRUPT'
  | 'WRONG_MODEL'
  | 'BAD_MODEL'
  | 'LIMIT'
  | 'BAD_INPUT'
  | 'ABORTED'
  | 'LOAD_FAILED'
  | 'ENVIRONMENT';

/** Where an error was found. */
export interface ShvqErrorPlace {
  /** Byte offset in the input. */
  offset?: number;
  /** Index of the tile, row by row. */
  tile?: number;
  /** With TRUNCATED: how many bytes there must be, at least, to get any further. */
  needed?: number;
  /** Name of the tensor, in files of weights. */
  tensor?: string;
  cause?: unknown;
}

/** The one error class of the SDK: `code` is stable, `message` is for people. */
export class ShvqError extends Error {
  override readonly name = 'ShvqError';
  readonly code: ShvqErrorCode;
  readonly offset: number | undefined;
  readonly tile: number | undefined;
  /** With TRUNCATED from `readHeader`: how many bytes there must be, at least, to get any further. */
  readonly needed: number | undefined;
  readonly tensor: string | undefined;

  constructor(code: ShvqErrorCode, message: string, place: ShvqErrorPlace = {}) {
    const where = [
      place.tile === undefined ? '' : `tile ${place.tile}`,
      place.tensor === undefined ? '' : `tensor ${place.tensor}`,
      place.offset === undefined ? '' : `byte ${place.offset}`,
    ].filter(Boolean);
    super(where.length > 0 ? `${message} (${where.join(', ')})` : message, { cause: place.cause });
    this.code = code;
    this.offset = place.offset;
    this.tile = place.tile;
    this.needed = place.needed;
    this.tensor = place.tensor;
  }
}
