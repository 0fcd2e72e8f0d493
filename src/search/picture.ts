import { flatPrices, type Prices } from '../entropy/choice.js';
import { type Quantizer, quantizerAt } from '../entropy/quantizer.js';
import type { ScalarModel } from '../model/layers.js';
import type { Tensor } from '../reference/tensor.js';
import type { PictureSource, Rect } from '../runtime/engine.js';
import type { SumWindow } from './blur.js';
import { DISTORTION_BYTES } from './distortion.js';
import type { SearchPlan } from './effort.js';
import { type Scratch, SearchMemory } from './memory.js';
import { objectiveOf } from './objective.js';
import { type CodedTile, nearestSymbols, TileSearch, type Window } from './refine.js';
import { adjointBytes, type Synthesis, synthesisBytes } from './trace.js';

/** What an engine does for the search in a picture. */
export interface SearchEngine {
  readonly model: ScalarModel;
  readonly synthesis: Synthesis;
  readonly sumWindow: SumWindow;
  /** A part of the picture's latent. */
  latent(part: Rect): Tensor;
  /** Quantizes and codes a tile's latent. */
  code(quantizer: Quantizer, latent: Tensor, prices: Prices): CodedTile;
}

/**
 * Latent positions around a tile that are searched with it as they are, for its pixels depend on them.
 * With more of them, files are as large and pictures as good.
 */
const HALO = 2;

/** The widest window of a picture of so many columns in tiles of at most `side`, in positions. */
export function searchedColumns(columns: number, side: number): number {
  return Math.min(columns, side + 2 * HALO);
}

/** Bytes a coefficient: its target of 8, and latents, gradients and symbols, some of them twice. */
const COEFFICIENT_BYTES = 32;

/** Bytes that a search in tiles of `side` positions needs beside the engine's own. */
export function searchBytes(
  { latent: { channels, stride }, synthesis }: ScalarModel,
  columns: number,
  rows: number,
  side: number,
): number {
  const positions = searchedColumns(columns, side) * searchedColumns(rows, side);
  // Beside the distortion's, the error.
  const window = stride * stride * (DISTORTION_BYTES + 6) + synthesisBytes(synthesis, channels);
  // Tiles of two rows stay as they were coded.
  const coded = columns * Math.min(rows, 2 * side) * channels;
  return positions * (window + COEFFICIENT_BYTES * channels) + coded + adjointBytes(synthesis);
}

/** Tiles coded before, at the quality of now. */
interface Coded {
  readonly tile: Rect;
  readonly symbols: Uint8Array;
}

/** The common part of two rectangles; of negative size where there is none. */
function intersect(a: Rect, b: Rect): Rect {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return { x, y, width, height };
}

/** Copies what two rectangles have in common, both [height][width][channels]. */
function copyCommon(
  from: Uint8Array,
  source: Rect,
  to: Uint8Array,
  target: Rect,
  channels: number,
): void {
  const { height, width, x, y } = intersect(source, target);
  if (width <= 0 || height <= 0) return;
  for (let row = y; row < y + height; row++) {
    const start = ((row - source.y) * source.width + x - source.x) * channels;
    const at = ((row - target.y) * target.width + x - target.x) * channels;
    to.set(from.subarray(start, start + width * channels), at);
  }
}

/** Chooses and codes the symbols of a picture's tiles, for one quality after the other. */
export class PictureSearch {
  readonly #columns: number;
  readonly #rows: number;
  #quality: number | undefined;
  #quantizer: Quantizer | undefined;
  #coded: Coded[] = [];
  #memory: SearchMemory | undefined;

  constructor(
    private readonly engine: SearchEngine,
    private readonly source: PictureSource,
  ) {
    const { stride } = engine.model.latent;
    this.#columns = Math.ceil(source.width / stride);
    this.#rows = Math.ceil(source.height / stride);
  }

  /**
   * Quantizes and codes a tile. Tiles come in order: what lies around one is taken as it was coded, and
   * as the nearest centers where it was not yet.
   *
   * @returns The payload; yields the part that is done, 0..1, where the caller may stop.
   */
  *encodeTile(tile: Rect, quality: number, plan: SearchPlan): Generator<number, Uint8Array> {
    if (quality !== this.#quality) {
      this.#quality = quality;
      this.#quantizer = quantizerAt(this.engine.model, quality);
      this.#coded = [];
    }
    const quantizer = this.#quantizer!;
    if (plan.iterations === 0) {
      const prices = flatPrices(plan.price, tile.width * tile.height, quantizer.channels);
      return this.engine.code(quantizer, this.engine.latent(tile), prices).payload;
    }
    const window = this.#window(tile, quantizer);
    const search = new TileSearch(
      {
        synthesis: this.engine.synthesis,
        sumWindow: (plane, sums) => this.engine.sumWindow(plane, sums),
        code: (latent, prices) => this.engine.code(quantizer, latent, prices),
      },
      quantizer,
      window,
      objectiveOf(this.engine.model.profile),
      quality,
      this.#scratch(window.latent, tile),
    );
    const coded = yield* search.run(plan);
    // Tiles come row by row: those that end further up are no longer looked at.
    this.#coded = this.#coded.filter((other) => other.tile.y + other.tile.height > tile.y - HALO);
    this.#coded.push({ tile, symbols: coded.symbols });
    return coded.payload;
  }

  /** Memory for a window; the first tile is as large as any. */
  #scratch({ height, width }: Tensor, tile: Rect): Scratch {
    const most =
      searchedColumns(this.#columns, tile.width) * searchedColumns(this.#rows, tile.height);
    if (!this.#memory || this.#memory.most < most) this.#memory = new SearchMemory(most);
    return this.#memory.of(width * height);
  }

  #window(tile: Rect, quantizer: Quantizer): Window {
    const whole = { x: 0, y: 0, width: this.#columns, height: this.#rows };
    const around = intersect(whole, {
      x: tile.x - HALO,
      y: tile.y - HALO,
      width: tile.width + 2 * HALO,
      height: tile.height + 2 * HALO,
    });
    const { stride } = this.engine.model.latent;
    const latent = this.engine.latent(around);
    const symbols = nearestSymbols(latent, quantizer);
    for (const { symbols: known, tile: other } of this.#coded) {
      copyCommon(known, other, symbols, around, quantizer.channels);
    }
    return {
      tile: { ...tile, x: tile.x - around.x, y: tile.y - around.y },
      latent,
      symbols,
      pixels: { picture: this.source, left: around.x * stride, top: around.y * stride },
    };
  }
}
