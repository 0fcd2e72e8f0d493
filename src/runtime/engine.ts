import type { DecoderModel, EncoderModel } from '../model/layers.js';
import type { PreviewShrink } from '../model/preview.js';
import type { SearchPlan } from '../search/effort.js';

/**
 * What the public entry points need of a codec engine. There are three, which give the same bits:
 * WebAssembly with SIMD, WebAssembly without, and the TypeScript reference.
 */

/** A rectangle, in pixels or in latent positions. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How many times smaller than the picture the pixels are that an engine makes of its symbols. */
export type EngineShrink = 1 | PreviewShrink;

/** Rows of pixels that the synthesis hands out together. */
export const STRIP_ROWS = 16;

/** Rows of pixels as they come out of the synthesis. */
export interface PixelRows {
  /** The first row, in pixels of the picture. */
  readonly y: number;
  readonly height: number;
  /** RGBA bytes with alpha 255, [height][region width][4]; valid until the next rows are asked for. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * One picture being decoded, in two stages: tiles to symbols, symbols to rows.
 *
 * The symbols are the state between them, and all that they share: for each latent position one byte
 * a channel, or of vectors two bytes each. Tiles may be decoded in any order, and anywhere: `symbols` takes those of a tile
 * out of one picture, `setSymbols` puts them into the same picture opened in another thread. Where
 * no symbols have been put they are zero. A strip of rows is right as soon as the symbols within
 * `synthesisReach` of it are there, so that bands of a picture may be made in any order, and
 * anywhere, too: the bits are the same.
 */
export interface PictureDecoder {
  /**
   * Decodes the symbols of a tile.
   *
   * @param tile Latent positions that the tile covers.
   * @throws ShvqError CORRUPT
   */
  decodeTile(tile: Rect, payload: Uint8Array): void;
  /** A copy of symbols: [rect height][rect width], each its bytes. @param rect Latent positions. */
  symbols(rect: Rect): Uint8Array<ArrayBuffer>;
  /** @param symbols As `symbols` gives them, each below the codebook's size. */
  setSymbols(rect: Rect, symbols: Uint8Array): void;
  /**
   * Synthesizes a region of the picture in strips of STRIP_ROWS rows, top to bottom; the last one
   * may be lower. A strip reads the symbols when it is asked for. One run at a time a picture.
   *
   * @param region Pixels, within the picture or its preview. Equals the crop of the whole.
   */
  pixels(region: Rect): Generator<PixelRows>;
  /** Gives the memory back; nothing may be called after it. */
  close(): void;
}

export interface DecoderEngine {
  readonly build: EngineBuild;
  readonly model: DecoderModel;
  /** Bytes that the symbols of a latent position take. */
  readonly positionBytes: number;
  /** What all these bytes are where no tile has been decoded. */
  readonly blank: number;
  /** Bytes that decoding a picture needs beside the output. */
  workspace(width: number, height: number, shrink?: EngineShrink): number;
  /**
   * Opens a picture in memory of its own. Memory of a picture that was closed is used again.
   *
   * @param width, height Of the whole picture, whatever `shrink` is.
   * @param quality 0..100
   * @param shrink 1 if left out; else one for which `hasPreview` holds, and `pixels` makes those of
   *   the preview.
   */
  open(width: number, height: number, quality: number, shrink?: EngineShrink): PictureDecoder;
}

/** One picture being encoded. */
export interface PictureEncoder {
  /**
   * Runs the analysis transform over the whole picture in strips; yields the part that is done,
   * 0..1, after each strip, so that the caller can stop.
   */
  analyze(): Generator<number>;
  /**
   * Quantizes and codes a tile at a quality, in 0..100; may be called for several qualities,
   * for the tiles in order at each.
   *
   * @param tile Latent positions that the tile covers.
   * @returns The payload; yields the part that is done, 0..1, where the caller may stop.
   */
  encodeTile(tile: Rect, quality: number, plan: SearchPlan): Generator<number, Uint8Array>;
  /** Lets go of the picture. */
  close(): void;
}

/** Bytes in rows of `width` pixels of `step` bytes, the first three of each R, G, B. */
export interface PictureSource {
  readonly width: number;
  readonly height: number;
  readonly step: 3 | 4;
  readonly data: Uint8Array | Uint8ClampedArray;
}

export interface EncoderEngine {
  readonly build: EngineBuild;
  readonly decoder: DecoderModel;
  readonly encoder: EncoderModel;
  /**
   * Bytes that encoding a picture needs beside the input.
   *
   * @param tileSize Pixels, a tile's side.
   */
  workspace(width: number, height: number, tileSize: number, plan: SearchPlan): number;
  open(picture: PictureSource): PictureEncoder;
}

export type EngineBuild = 'simd' | 'plain' | 'reference';
