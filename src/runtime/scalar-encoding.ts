import type { Prices } from '../entropy/choice.js';
import type { Quantizer } from '../entropy/quantizer.js';
import { largestTile } from '../format/tiles.js';
import type { ScalarModel } from '../model/layers.js';
import type { Tensor } from '../reference/tensor.js';
import type { Plane } from '../search/blur.js';
import {
  PictureSearch,
  type SearchEngine,
  searchBytes,
  searchedColumns,
} from '../search/picture.js';
import type { CodedTile } from '../search/refine.js';
import { Synthesis } from '../search/trace.js';
import { Convolver } from './convolver.js';
import type { Rect } from './engine.js';
import type { Machine } from './machine.js';
import type { AnalyzedPicture, TileEncodingOf } from './tile-encoding.js';
import { TileModel } from './tile-model.js';
import { TileWorkspace } from './tile-workspace.js';
import { type EncodePlanes, TileWriter } from './tile-writer.js';
import { WindowSums } from './window-sums.js';

/** Where a picture's tile coder lies, and what the search needs. */
interface ScalarPlan {
  readonly tiles: TileWorkspace;
  readonly coding: EncodePlanes;
  readonly convolver: Convolver;
  readonly windowSums: WindowSums;
}

/** Scalars under a context model, chosen by the search and coded in the kernels. */
export const scalarEncoding =
  (model: ScalarModel): TileEncodingOf =>
  (plan) => {
    const tileModel = new TileModel(plan, model);
    const { channels, stride } = model.latent;
    return {
      load: (machine) => tileModel.load(machine),
      plan: (picture, columns, rows) => {
        const side = largestTile(stride);
        const tiles = new TileWorkspace(
          picture,
          model,
          Math.min(columns, side),
          Math.min(rows, side),
        );
        const positions = tiles.columns * tiles.rows;
        const coding = {
          latent: picture.take(2 * positions * channels),
          prices: picture.take(4 * positions),
          priceFactors: picture.take(4 * channels),
          symbols: picture.take(positions * channels),
        };
        const searched = searchedColumns(columns, side);
        const convolver = new Convolver(picture, model.synthesis, searched);
        const windowSums = new WindowSums(picture, searched * stride);
        const planned = { tiles, coding, convolver, windowSums };
        return {
          hostBytes: (tileSide, { iterations }) =>
            iterations === 0 ? 0 : searchBytes(model, columns, rows, tileSide),
          open: (machine, analyzed) => {
            const engine = new WasmSearchEngine(machine, tileModel, planned, analyzed);
            return new PictureSearch(engine, analyzed.source);
          },
        };
      },
    };
  };

class WasmSearchEngine implements SearchEngine {
  readonly model: ScalarModel;
  readonly synthesis: Synthesis;
  readonly #tiles: TileWriter;
  #quantizer: Quantizer | undefined;

  constructor(
    private readonly machine: Machine,
    tileModel: TileModel,
    private readonly plan: ScalarPlan,
    private readonly picture: AnalyzedPicture,
  ) {
    const { model } = tileModel;
    this.model = model;
    this.#tiles = new TileWriter(machine, tileModel, plan.tiles);
    this.synthesis = new Synthesis(model.synthesis, model.latent.channels, (x, layer, out) => {
      picture.assertOpen();
      plan.convolver.run(machine, x, layer, out);
    });
  }

  sumWindow(plane: Plane, sums: Int32Array): void {
    this.picture.assertOpen();
    this.plan.windowSums.run(this.machine, plane, sums);
  }

  latent(part: Rect): Tensor {
    return this.picture.latent(part);
  }

  code(quantizer: Quantizer, { data, height, width }: Tensor, prices: Prices): CodedTile {
    this.picture.assertOpen();
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
}
