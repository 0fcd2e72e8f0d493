import { quantizerAt } from '../entropy/quantizer.js';
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import type {
  DecoderEngine,
  EncoderEngine,
  PictureDecoder,
  PictureEncoder,
  PictureSource,
  PixelRows,
  Rect,
} from '../runtime/engine.js';
import { analyze, padPicture } from './analysis.js';
import { dequantize, synthesize } from './synthesis.js';
import { type Tensor, zeros } from './tensor.js';
import { decodeTile, encodeTile } from './tile.js';

/** Bytes of the widest pair of tensors that a transform holds, a pixel; a generous bound. */
const REFERENCE_BYTES_PER_PIXEL = 64;

/** The whole picture is synthesized at once: the reference is for reading, not for speed. */
class ReferencePictureDecoder implements PictureDecoder {
  readonly #columns: number;
  readonly #rows: number;
  readonly #symbols: Uint8Array;

  constructor(
    private readonly model: DecoderModel,
    width: number,
    height: number,
    private readonly quality: number,
  ) {
    const { channels, stride } = model.latent;
    this.#columns = Math.ceil(width / stride);
    this.#rows = Math.ceil(height / stride);
    this.#symbols = new Uint8Array(this.#columns * this.#rows * channels);
    this.#symbols.fill((model.centers.length - 1) / 2);
  }

  decodeTile(tile: Rect, payload: Uint8Array): void {
    const quantizer = quantizerAt(this.model, this.quality);
    const symbols = decodeTile(this.model.context, quantizer, tile.width, tile.height, payload);
    const { channels } = this.model.latent;
    for (let y = 0; y < tile.height; y++) {
      const from = y * tile.width * channels;
      const to = ((tile.y + y) * this.#columns + tile.x) * channels;
      this.#symbols.set(symbols.subarray(from, from + tile.width * channels), to);
    }
  }

  *pixels(region: Rect): Generator<PixelRows> {
    const quantizer = quantizerAt(this.model, this.quality);
    const latent = dequantize(quantizer, this.#symbols, this.#columns, this.#rows);
    const rgb = synthesize(this.model.synthesis, latent);
    const width = this.#columns * this.model.latent.stride;
    const data = new Uint8ClampedArray(region.width * region.height * 4);
    let at = 0;
    for (let y = region.y; y < region.y + region.height; y++) {
      for (let x = region.x; x < region.x + region.width; x++) {
        const from = (y * width + x) * 3;
        data[at++] = rgb[from]!;
        data[at++] = rgb[from + 1]!;
        data[at++] = rgb[from + 2]!;
        data[at++] = 255;
      }
    }
    yield { y: region.y, height: region.height, data };
  }
}

/** The decoder of docs/format.md in plain TypeScript: the oracle, and the fallback without wasm. */
export function referenceDecoder(model: DecoderModel): DecoderEngine {
  return {
    build: 'reference',
    model,
    workspace: (width, height) => (width + 15) * (height + 15) * REFERENCE_BYTES_PER_PIXEL,
    open: (width, height, quality) => new ReferencePictureDecoder(model, width, height, quality),
  };
}

class ReferencePictureEncoder implements PictureEncoder {
  #latent: Tensor | undefined;

  constructor(
    private readonly decoder: DecoderModel,
    private readonly encoder: EncoderModel,
    private readonly picture: PictureSource,
  ) {}

  *analyze(): Generator<number> {
    const { data, step, width, height } = this.picture;
    const padded = padPicture(data, step, width, height, this.encoder.latent.stride);
    this.#latent = analyze(this.encoder.analysis, padded);
    yield 1;
  }

  encodeTile(tile: Rect, quality: number, lambda: number): Uint8Array {
    const latent = this.#latent!;
    const part = zeros(tile.width, tile.height, latent.channels);
    for (let y = 0; y < tile.height; y++) {
      const from = ((tile.y + y) * latent.width + tile.x) * latent.channels;
      part.data.set(
        latent.data.subarray(from, from + tile.width * latent.channels),
        y * tile.width * latent.channels,
      );
    }
    const quantizer = quantizerAt(this.decoder, quality);
    return encodeTile(this.decoder.context, quantizer, part, undefined, lambda).payload;
  }
}

/** The encoder in plain TypeScript. */
export function referenceEncoder(decoder: DecoderModel, encoder: EncoderModel): EncoderEngine {
  return {
    build: 'reference',
    decoder,
    encoder,
    workspace: (width, height) => (width + 15) * (height + 15) * REFERENCE_BYTES_PER_PIXEL,
    open: (picture) => new ReferencePictureEncoder(decoder, encoder, picture),
  };
}
