import { quantizerAt } from '../entropy/quantizer.js';
import type { ScalarModel } from '../model/layers.js';
import type { SymbolCodingOf } from './symbol-coding.js';
import { TileModel } from './tile-model.js';
import { TileWorkspace } from './tile-workspace.js';
import { TileCoder } from './tiles.js';

/** Scalars under a context model, in the kernels. */
export const scalarCoding =
  (model: ScalarModel): SymbolCodingOf =>
  (plan) => {
    const tileModel = new TileModel(plan, model);
    const { channels } = model.latent;
    const size = model.centers.length;
    return {
      positionBytes: channels,
      blank: (size - 1) / 2,
      load: (machine) => tileModel.load(machine),
      plan: (picture, columns, rows) => {
        const workspace = new TileWorkspace(picture, model, columns, rows);
        return {
          hostBytes: 0,
          open: (machine, plane, quality) => {
            const tiles = new TileCoder(machine, tileModel, workspace);
            tiles.setQuality(quantizerAt(model, quality));
            return {
              decode: (payload, tile) => tiles.decode(payload, tile, plane),
              expand: (row, column, width, dst, stride) =>
                machine.kernels.expandSymbols(
                  plane.address + (row * plane.columns + column) * channels,
                  width,
                  channels,
                  workspace.values,
                  size,
                  dst,
                  stride,
                ),
            };
          },
        };
      },
    };
  };
