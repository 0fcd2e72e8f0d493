import { quantizerAt } from '../entropy/quantizer.js';
import { ShvqError } from '../format/errors.js';
import { largestTile } from '../format/tiles.js';
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import { Analysis, type LatentPlane, type PictureAnalysis } from './analysis.js';
import type { EncoderEngine, PictureEncoder, PictureSource, Rect } from './engine.js';
import { Machine } from './machine.js';
import { Plan } from './plan.js';
import { TileModel } from './tile-model.js';
import { TileWorkspace } from './tile-workspace.js';
import { TileCoder } from './tiles.js';

/** Where a picture's latent and its tile coder lie, and its analysis. */
interface PicturePlan {
  readonly plane: LatentPlane;
  readonly tiles: TileWorkspace;
  readonly analysis: PictureAnalysis;
  readonly end: number;
}

/** Encodes in WebAssembly, one picture after the other in the memory of one instance. */
class WasmEncoder implements EncoderEngine {
  readonly #tileModel: TileModel;
  readonly #analysis: Analysis;
  /** The end of what stays from picture to picture. */
  readonly #start: number;
  #machine: Machine | undefined;
  #current: WasmPictureEncoder | undefined;

  constructor(
    readonly build: 'simd' | 'plain',
    private readonly module: WebAssembly.Module,
    readonly decoder: DecoderModel,
    readonly encoder: EncoderModel,
  ) {
    const plan = new Plan();
    this.#tileModel = new TileModel(plan, decoder);
    this.#analysis = new Analysis(plan, encoder);
    this.#start = plan.end;
  }

  #plan(width: number, height: number): PicturePlan {
    const { channels, stride } = this.encoder.latent;
    const plan = new Plan(this.#start);
    const columns = Math.ceil(width / stride);
    const rows = Math.ceil(height / stride);
    const plane = { address: plan.take(2 * columns * rows * channels), columns, rows };
    const side = largestTile(stride);
    const tiles = new TileWorkspace(
      plan,
      this.decoder,
      Math.min(columns, side),
      Math.min(rows, side),
    );
    const analysis = this.#analysis.picture(plan, plane, width);
    return { plane, tiles, analysis, end: plan.end };
  }

  workspace(width: number, height: number): number {
    return this.#plan(width, height).end;
  }

  /** Ends the picture that was open before. */
  open(source: PictureSource): PictureEncoder {
    const plan = this.#plan(source.width, source.height);
    if (this.#machine) {
      this.#machine.reserve(plan.end);
    } else {
      this.#machine = new Machine(this.module, plan.end);
      this.#tileModel.load(this.#machine);
      this.#analysis.load(this.#machine);
    }
    const picture: WasmPictureEncoder = new WasmPictureEncoder(
      this.#tileModel,
      this.#machine,
      plan,
      source,
      () => this.#current === picture,
    );
    this.#current = picture;
    return picture;
  }
}

class WasmPictureEncoder implements PictureEncoder {
  readonly #tiles: TileCoder;
  #quality: number | undefined;

  constructor(
    private readonly tileModel: TileModel,
    private readonly machine: Machine,
    private readonly plan: PicturePlan,
    private readonly source: PictureSource,
    private readonly isOpen: () => boolean,
  ) {
    this.#tiles = new TileCoder(machine, tileModel, plan.tiles, plan.plane);
  }

  #assertOpen(): void {
    if (this.isOpen()) return;
    throw new ShvqError('BAD_INPUT', 'Another picture has been opened in this memory');
  }

  *analyze(): Generator<number> {
    this.#assertOpen();
    for (const done of this.plan.analysis.run(this.machine, this.source)) {
      yield done;
      this.#assertOpen();
    }
  }

  encodeTile(tile: Rect, quality: number, lambda: number): Uint8Array {
    this.#assertOpen();
    if (quality !== this.#quality) {
      this.#tiles.setQuality(quantizerAt(this.tileModel.model, quality));
      this.#quality = quality;
    }
    return this.#tiles.encode(tile, lambda);
  }
}

/**
 * An encoder on a build of the kernels. One picture is open at a time: opening one ends the other.
 *
 * @throws ShvqError BAD_INPUT, ENVIRONMENT when a picture is opened
 */
export function wasmEncoder(
  build: 'simd' | 'plain',
  module: WebAssembly.Module,
  decoder: DecoderModel,
  encoder: EncoderModel,
): EncoderEngine {
  return new WasmEncoder(build, module, decoder, encoder);
}
