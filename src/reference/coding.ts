import { quantizerAt } from '../entropy/quantizer.js';
import type { ScalarModel } from '../model/layers.js';
import type { AnalyzedPicture, TileEncoder } from '../runtime/tile-encoding.js';
import { windowSums } from '../search/blur.js';
import type { SearchPlan } from '../search/effort.js';
import { PictureSearch, type SearchEngine, searchBytes } from '../search/picture.js';
import { Synthesis } from '../search/trace.js';
import { conv } from './layers.js';
import { collect, rowsOf } from './rows.js';
import { dequantize } from './synthesis.js';
import { decodeTile, encodeTile } from './tile.js';

/** How the reference gets from payloads to symbols and from symbols to the latent. */
export interface ReferenceCoding {
  /** Bytes that the symbols of a latent position take. */
  readonly positionBytes: number;
  /** What all bytes are where no tile has been decoded. */
  readonly blank: number;
  /** Bytes of its tables. */
  readonly tableBytes: number;
  open(quality: number): {
    /** The symbols of a tile, [height][width]. @throws ShvqError CORRUPT */
    decodeTile(width: number, height: number, payload: Uint8Array): Uint8Array;
    /** @param symbols [positions] @param latent [positions][channels], written. */
    dequantize(symbols: Uint8Array, latent: Int16Array): void;
  };
}

/** How the reference gets from an analyzed picture to payloads. */
export interface ReferenceTiles {
  /** Bytes that a picture of columns x rows positions takes in tiles of `side` positions. */
  bytes(columns: number, rows: number, side: number, search: SearchPlan): number;
  open(picture: AnalyzedPicture): TileEncoder;
}

/** Scalars under a context model. */
export function referenceScalars(model: ScalarModel): ReferenceCoding {
  const { centers, context, latent } = model;
  return {
    positionBytes: latent.channels,
    blank: (centers.length - 1) / 2,
    tableBytes: 2 * latent.channels * centers.length,
    open: (quality) => {
      const quantizer = quantizerAt(model, quality);
      return {
        decodeTile: (width, height, payload) =>
          decodeTile(context, quantizer, width, height, payload),
        dequantize: (symbols, latent) => dequantize(quantizer, symbols, latent),
      };
    },
  };
}

/** Scalars, chosen by the search and coded by the reference. */
export function referenceScalarTiles(model: ScalarModel): ReferenceTiles {
  return {
    bytes: (columns, rows, side, { iterations }) =>
      iterations === 0 ? 0 : searchBytes(model, columns, rows, side),
    open: (picture) => {
      const synthesis = new Synthesis(model.synthesis, model.latent.channels, (x, layer, out) =>
        collect(conv(rowsOf(x), layer), out),
      );
      const engine: SearchEngine = {
        model,
        synthesis,
        sumWindow: windowSums,
        latent: (part) => picture.latent(part),
        code: (quantizer, latent, prices) =>
          encodeTile(model.context, quantizer, latent, undefined, prices),
      };
      return new PictureSearch(engine, picture.source);
    },
  };
}
