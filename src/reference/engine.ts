import type { DecoderModel, EncoderModel } from '../model/layers.js';
import { type PreviewHead, previewHead } from '../model/preview.js';
import {
  type DecoderEngine,
  type EncoderEngine,
  type PictureDecoder,
  type PictureEncoder,
  type PictureSource,
  type PixelRows,
  type Rect,
  STRIP_ROWS,
} from '../runtime/engine.js';
import type { AnalyzedPicture, TileEncoder } from '../runtime/tile-encoding.js';
import type { SearchPlan } from '../search/effort.js';
import { analyze, padPicture } from './analysis.js';
import type { ReferenceCoding, ReferenceTiles } from './coding.js';
import { decoderWorkspace } from './memory.js';
import { makeRows } from './rows.js';
import { synthesize, synthesizePreview } from './synthesis.js';
import { cropped, type Tensor, zeros } from './tensor.js';

/** Bytes of the widest pair of tensors that encoding holds, a pixel; a generous bound. */
const ENCODER_BYTES_PER_PIXEL = 64;

class ReferencePictureDecoder implements PictureDecoder {
  readonly #columns: number;
  readonly #rows: number;
  readonly #symbols: Uint8Array;
  readonly #coder: ReturnType<ReferenceCoding['open']>;

  constructor(
    private readonly model: DecoderModel,
    private readonly coding: ReferenceCoding,
    width: number,
    height: number,
    quality: number,
    private readonly head: PreviewHead | undefined,
  ) {
    const { stride } = model.latent;
    this.#columns = Math.ceil(width / stride);
    this.#rows = Math.ceil(height / stride);
    this.#symbols = new Uint8Array(this.#columns * this.#rows * coding.positionBytes);
    this.#symbols.fill(coding.blank);
    this.#coder = coding.open(quality);
  }

  decodeTile(tile: Rect, payload: Uint8Array): void {
    this.setSymbols(tile, this.#coder.decodeTile(tile.width, tile.height, payload));
  }

  /** The part of the picture's symbols that a row of a rectangle has. */
  #row(rect: Rect, y: number): Uint8Array {
    const { positionBytes } = this.coding;
    const from = ((rect.y + y) * this.#columns + rect.x) * positionBytes;
    return this.#symbols.subarray(from, from + rect.width * positionBytes);
  }

  symbols(rect: Rect): Uint8Array<ArrayBuffer> {
    const bytes = rect.width * this.coding.positionBytes;
    const out = new Uint8Array(rect.height * bytes);
    for (let y = 0; y < rect.height; y++) out.set(this.#row(rect, y), y * bytes);
    return out;
  }

  setSymbols(rect: Rect, symbols: Uint8Array): void {
    const bytes = rect.width * this.coding.positionBytes;
    for (let y = 0; y < rect.height; y++) {
      this.#row(rect, y).set(symbols.subarray(y * bytes, (y + 1) * bytes));
    }
  }

  *pixels(region: Rect): Generator<PixelRows> {
    const [columns, rows] = [this.#columns, this.#rows];
    const whole = { x: 0, y: 0, width: columns, height: rows };
    const latent = makeRows(columns, rows, this.model.latent.channels, (y, out) =>
      this.#coder.dequantize(this.#row(whole, y), out),
    );
    const rgb = this.head
      ? synthesizePreview(this.head, latent)
      : synthesize(this.model.synthesis, latent);
    const bottom = region.y + region.height;
    for (let top = region.y; top < bottom; top += STRIP_ROWS) {
      const height = Math.min(STRIP_ROWS, bottom - top);
      const data = new Uint8ClampedArray(region.width * height * 4).fill(255);
      let at = 0;
      for (let y = top; y < top + height; y++) {
        const row = rgb.row(y);
        for (let x = region.x; x < region.x + region.width; x++) {
          for (let c = 0; c < 3; c++) data[at + c] = row[3 * x + c]!;
          at += 4;
        }
      }
      yield { y: top, height, data };
    }
  }

  close(): void {}
}

/** The decoder of docs/format.md in plain TypeScript: the oracle, and the fallback without wasm. */
export function referenceDecoder(model: DecoderModel, coding: ReferenceCoding): DecoderEngine {
  return {
    build: 'reference',
    model,
    positionBytes: coding.positionBytes,
    blank: coding.blank,
    // A preview needs less.
    workspace: (width, height) => decoderWorkspace(model, coding, width, height),
    open: (width, height, quality, shrink = 1) => {
      const head = shrink === 1 ? undefined : previewHead(model, shrink);
      return new ReferencePictureDecoder(model, coding, width, height, quality, head);
    },
  };
}

class ReferencePictureEncoder implements PictureEncoder, AnalyzedPicture {
  readonly #coder: TileEncoder;
  #latent: Tensor | undefined;

  constructor(
    private readonly encoder: EncoderModel,
    tiles: ReferenceTiles,
    readonly source: PictureSource,
  ) {
    this.#coder = tiles.open(this);
  }

  *analyze(): Generator<number> {
    const { data, step, width, height } = this.source;
    const padded = padPicture(data, step, width, height, this.encoder.latent.stride);
    const rows = analyze(this.encoder.analysis, padded);
    const latent = zeros(rows.width, rows.height, rows.channels);
    this.#latent = latent;
    for (let y = 0; y < rows.height; y++) {
      latent.data.set(rows.row(y), y * rows.width * rows.channels);
      yield (y + 1) / rows.height;
    }
  }

  /** Pictures of the reference share nothing. */
  assertOpen(): void {}

  close(): void {}

  latent(part: Rect): Tensor {
    return cropped(this.#latent!, part);
  }

  encodeTile(tile: Rect, quality: number, plan: SearchPlan): Generator<number, Uint8Array> {
    return this.#coder.encodeTile(tile, quality, plan);
  }
}

/** The encoder in plain TypeScript. */
export function referenceEncoder(
  decoder: DecoderModel,
  encoder: EncoderModel,
  tiles: ReferenceTiles,
): EncoderEngine {
  return {
    build: 'reference',
    decoder,
    encoder,
    workspace: (width, height, tileSize, plan) => {
      const { stride } = decoder.latent;
      const columns = Math.ceil(width / stride);
      const rows = Math.ceil(height / stride);
      const analysis = columns * rows * stride * stride * ENCODER_BYTES_PER_PIXEL;
      return analysis + tiles.bytes(columns, rows, tileSize / stride, plan);
    },
    open: (picture) => new ReferencePictureEncoder(encoder, tiles, picture),
  };
}
