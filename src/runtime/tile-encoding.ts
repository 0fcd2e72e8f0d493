import type { Tensor } from '../reference/tensor.js';
import type { SearchPlan } from '../search/effort.js';
import type { PictureEncoder, PictureSource, Rect } from './engine.js';
import type { Machine } from './machine.js';
import type { Plan } from './plan.js';

/** A picture that has been analyzed. */
export interface AnalyzedPicture {
  readonly source: PictureSource;
  /** A part of its latent y, in latent positions. */
  latent(part: Rect): Tensor;
  /** @throws ShvqError BAD_INPUT if another was opened */
  assertOpen(): void;
}

/** Chooses and codes the symbols of a picture's tiles. */
export type TileEncoder = Pick<PictureEncoder, 'encodeTile'>;

/**
 * How an encoder on the kernels gets from the latent to payloads: scalars (scalar-encoding.ts) or
 * vectors (src/vectors).
 */
export interface TileEncoding {
  /** Writes what stays in memory from picture to picture. */
  load(machine: Machine): void;
  /** @param columns, rows Of the picture's latent. */
  plan(plan: Plan, columns: number, rows: number): TileEncodingPlan;
}

export interface TileEncodingPlan {
  /** Bytes that tiles of `side` positions take beside those of the plan. */
  hostBytes(side: number, search: SearchPlan): number;
  open(machine: Machine, picture: AnalyzedPicture): TileEncoder;
}

/** Makes a model's encoding; the plan gives out what stays in memory from picture to picture. */
export type TileEncodingOf = (plan: Plan) => TileEncoding;
