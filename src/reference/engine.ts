import type { Prices } from '../entropy/choice.js';
import { type Quantizer, quantizerAt } from '../entropy/quantizer.js';
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
import { windowSums } from '../search/blur.js';
import type { SearchPlan } from '../search/effort.js';
import { PictureSearch, type SearchEngine, searchBytes } from '../search/picture.js';
import type { CodedTile } from '../search/refine.js';
import { Synthesis } from '../search/trace.js';
import { analyze, padPicture } from './analysis.js';
import { conv } from './layers.js';
import { decoderWorkspace } from './memory.js';
import { collect, rowsOf } from './rows.js';
import { dequantize, synthesize, synthesizePreview } from './synthesis.js';
import { cropped, type Tensor, zeros } from './tensor.js';
import { decodeTile, encodeTile } from './tile.js';

/** Bytes of the widest pair of tensors that encoding holds, a pixel; a generous bound. */
const ENCODER_BYTES_PER_PIXEL = 64;

class ReferencePictureDecoder implements PictureDecoder {
  readonly #columns: number;
  readonly #rows: number;
  readonly #symbols: Uint8Array;
  readonly #quantizer: Quantizer;

  constructor(
    private readonly model: DecoderModel,
    width: number,
    height: number,
    quality: number,
    private readonly head: PreviewHead | undefined,
  ) {
    const { channels, stride } = model.latent;
    this.#columns = Math.ceil(width / stride);
    this.#rows = Math.ceil(height / stride);
    this.#symbols = new Uint8Array(this.#columns * this.#rows * channels);
    this.#symbols.fill((model.centers.length - 1) / 2);
    this.#quantizer = quantizerAt(model, quality);
  }

  decodeTile(tile: Rect, payload: Uint8Array): void {
    const { context } = this.model;
    this.setSymbols(tile, decodeTile(context, this.#quantizer, tile.width, tile.height, payload));
  }

  /** The part of the picture's symbols that a row of a rectangle has. */
  #row(rect: Rect, y: number): Uint8Array {
    const { channels } = this.model.latent;
    const from = ((rect.y + y) * this.#columns + rect.x) * channels;
    return this.#symbols.subarray(from, from + rect.width * channels);
  }

  symbols(rect: Rect): Uint8Array<ArrayBuffer> {
    const bytes = rect.width * this.model.latent.channels;
    const out = new Uint8Array(rect.height * bytes);
    for (let y = 0; y < rect.height; y++) out.set(this.#row(rect, y), y * bytes);
    return out;
  }

  setSymbols(rect: Rect, symbols: Uint8Array): void {
    const bytes = rect.width * this.model.latent.channels;
    for (let y = 0; y < rect.height; y++) {
      this.#row(rect, y).set(symbols.subarray(y * bytes, (y + 1) * bytes));
    }
  }

  *pixels(region: Rect): Generator<PixelRows> {
    const latent = dequantize(this.#quantizer, this.#symbols, this.#columns, this.#rows);
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
export function referenceDecoder(model: DecoderModel): DecoderEngine {
  return {
    build: 'reference',
    model,
    // A preview needs less.
    workspace: (width, height) => decoderWorkspace(model, width, height),
    open: (width, height, quality, shrink = 1) => {
      const head = shrink === 1 ? undefined : previewHead(model, shrink);
      return new ReferencePictureDecoder(model, width, height, quality, head);
    },
  };
}

class ReferencePictureEncoder implements PictureEncoder, SearchEngine {
  readonly model: DecoderModel;
  readonly synthesis: Synthesis;
  readonly sumWindow = windowSums;
  readonly #search: PictureSearch;
  #latent: Tensor | undefined;

  constructor(
    decoder: DecoderModel,
    private readonly encoder: EncoderModel,
    private readonly picture: PictureSource,
  ) {
    this.model = decoder;
    const { channels } = decoder.latent;
    this.synthesis = new Synthesis(decoder.synthesis, channels, (x, layer, out) =>
      collect(conv(rowsOf(x), layer), out),
    );
    this.#search = new PictureSearch(this, picture);
  }

  *analyze(): Generator<number> {
    const { data, step, width, height } = this.picture;
    const padded = padPicture(data, step, width, height, this.encoder.latent.stride);
    const rows = analyze(this.encoder.analysis, padded);
    const latent = zeros(rows.width, rows.height, rows.channels);
    this.#latent = latent;
    for (let y = 0; y < rows.height; y++) {
      latent.data.set(rows.row(y), y * rows.width * rows.channels);
      yield (y + 1) / rows.height;
    }
  }

  latent(part: Rect): Tensor {
    return cropped(this.#latent!, part);
  }

  code(quantizer: Quantizer, latent: Tensor, prices: Prices): CodedTile {
    return encodeTile(this.model.context, quantizer, latent, undefined, prices);
  }

  encodeTile(tile: Rect, quality: number, plan: SearchPlan): Generator<number, Uint8Array> {
    return this.#search.encodeTile(tile, quality, plan);
  }
}

/** The encoder in plain TypeScript. */
export function referenceEncoder(decoder: DecoderModel, encoder: EncoderModel): EncoderEngine {
  return {
    build: 'reference',
    decoder,
    encoder,
    workspace: (width, height, tileSize, plan) => {
      const { stride } = decoder.latent;
      const columns = Math.ceil(width / stride);
      const rows = Math.ceil(height / stride);
      const analysis = columns * rows * stride * stride * ENCODER_BYTES_PER_PIXEL;
      if (plan.iterations === 0) return analysis;
      return analysis + searchBytes(decoder, columns, rows, tileSize / stride);
    },
    open: (picture) => new ReferencePictureEncoder(decoder, encoder, picture),
  };
}
