import type { Prices } from '../entropy/choice.js';
import type { Quantizer } from '../entropy/quantizer.js';
import { ShvqError } from '../format/errors.js';
import { largestTile } from '../format/tiles.js';
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import { cropped, type Tensor } from '../reference/tensor.js';
import type { Plane } from '../search/blur.js';
import type { SearchPlan } from '../search/effort.js';
import {
  PictureSearch,
  type SearchEngine,
  searchBytes,
  searchedColumns,
} from '../search/picture.js';
import type { CodedTile } from '../search/refine.js';
import { Synthesis } from '../search/trace.js';
import { Analysis, type LatentPlane, type PictureAnalysis } from './analysis.js';
import { Convolver } from './convolver.js';
import type { EncoderEngine, PictureEncoder, PictureSource, Rect } from './engine.js';
import { Machine } from './machine.js';
import { Plan } from './plan.js';
import { TileModel } from './tile-model.js';
import { TileWorkspace } from './tile-workspace.js';
import { type EncodePlanes, TileCoder } from './tiles.js';
import { WindowSums } from './window-sums.js';

/** Where a picture's latent and its tile coder lie, its analysis and what the search needs. */
interface PicturePlan {
  readonly plane: LatentPlane;
  readonly tiles: TileWorkspace;
  readonly coding: EncodePlanes;
  readonly convolver: Convolver;
  readonly windowSums: WindowSums;
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
    const positions = tiles.columns * tiles.rows;
    const coding = {
      latent: plan.take(2 * positions * channels),
      prices: plan.take(4 * positions),
      priceFactors: plan.take(4 * channels),
      symbols: plan.take(positions * channels),
    };
    const analysis = this.#analysis.picture(plan, plane, width);
    const searched = searchedColumns(columns, side);
    const convolver = new Convolver(plan, this.decoder.synthesis, searched);
    const windowSums = new WindowSums(plan, searched * stride);
    return { plane, tiles, coding, analysis, convolver, windowSums, end: plan.end };
  }

  workspace(width: number, height: number, tileSize: number, search: SearchPlan): number {
    const { end, plane } = this.#plan(width, height);
    if (search.iterations === 0) return end;
    const side = tileSize / this.encoder.latent.stride;
    return end + searchBytes(this.decoder, plane.columns, plane.rows, side);
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

class WasmPictureEncoder implements PictureEncoder, SearchEngine {
  readonly model: DecoderModel;
  readonly synthesis: Synthesis;
  readonly #tiles: TileCoder;
  readonly #search: PictureSearch;
  #quantizer: Quantizer | undefined;

  constructor(
    tileModel: TileModel,
    private readonly machine: Machine,
    private readonly plan: PicturePlan,
    private readonly source: PictureSource,
    private readonly isOpen: () => boolean,
  ) {
    const { model } = tileModel;
    this.model = model;
    this.#tiles = new TileCoder(machine, tileModel, plan.tiles);
    this.synthesis = new Synthesis(model.synthesis, model.latent.channels, (x, layer, out) => {
      this.#assertOpen();
      plan.convolver.run(machine, x, layer, out);
    });
    this.#search = new PictureSearch(this, source);
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

  sumWindow(plane: Plane, sums: Int32Array): void {
    this.#assertOpen();
    this.plan.windowSums.run(this.machine, plane, sums);
  }

  latent(part: Rect): Tensor {
    this.#assertOpen();
    const { address, columns, rows } = this.plan.plane;
    const { channels } = this.model.latent;
    const data = new Int16Array(this.machine.memory.buffer, address, columns * rows * channels);
    return cropped({ width: columns, height: rows, channels, data }, part);
  }

  code(quantizer: Quantizer, { data, height, width }: Tensor, prices: Prices): CodedTile {
    this.#assertOpen();
    const { machine } = this;
    const { coding } = this.plan;
    if (quantizer !== this.#quantizer) {
      this.#tiles.setQuality(quantizer);
      this.#quantizer = quantizer;
    }
    machine.write(coding.latent, data);
    machine.write(coding.prices, prices.positions);
    machine.write(coding.priceFactors, prices.channels);
    const payload = this.#tiles.encode(width, height, coding);
    return { payload, symbols: machine.bytes(coding.symbols, data.length).slice() };
  }

  encodeTile(tile: Rect, quality: number, plan: SearchPlan): Generator<number, Uint8Array> {
    return this.#search.encodeTile(tile, quality, plan);
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
