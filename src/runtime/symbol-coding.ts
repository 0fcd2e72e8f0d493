import type { Rect } from './engine.js';
import type { Machine } from './machine.js';
import type { Plan } from './plan.js';
import type { ExpandSymbols, SymbolPlane } from './synthesis.js';

/**
 * How a decoder on the kernels gets from payloads to symbols and from symbols to the latent. There are
 * two ways, by the model's codebook: scalars under a context model (scalar-coding.ts), vectors under
 * histograms (src/vectors).
 */
export interface SymbolCoding {
  /** Bytes that the symbols of a latent position take. */
  readonly positionBytes: number;
  /** What all bytes are where no tile has been decoded. */
  readonly blank: number;
  /** Writes what stays in memory from picture to picture. */
  load(machine: Machine): void;
  /** @param columns, rows The largest tile, in latent positions. */
  plan(plan: Plan, columns: number, rows: number): SymbolCodingPlan;
}

export interface SymbolCodingPlan {
  /** Bytes that it takes beside those of the plan. */
  readonly hostBytes: number;
  open(machine: Machine, plane: SymbolPlane, quality: number): SymbolDecoder;
}

/** The symbols of one picture. */
export interface SymbolDecoder {
  /** Decodes a tile into the plane. @throws ShvqError CORRUPT */
  decode(payload: Uint8Array, tile: Rect): void;
  readonly expand: ExpandSymbols;
}

/** Makes a model's coding; the plan gives out what stays in memory from picture to picture. */
export type SymbolCodingOf = (plan: Plan) => SymbolCoding;
