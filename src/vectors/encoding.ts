/**
 * Encoding of vectors (profile `paper`): what the engines take for a model whose codebook is in R^d.
 * Fetched only with such a model.
 */
import { nearestVector } from '../entropy/assign.js';
import { VECTOR_MAX } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { largestTile } from '../format/tiles.js';
import { symbolsOf, type VectorModel } from '../model/layers.js';
import type { ReferenceTiles } from '../reference/coding.js';
import { packCenters } from '../runtime/pack-centers.js';
import type {
  AnalyzedPicture,
  TileEncoder,
  TileEncoding,
  TileEncodingOf,
} from '../runtime/tile-encoding.js';
import type { SearchPlan } from '../search/effort.js';
import { type Assign, assignedLength, chooseVectors } from './choice.js';
import { encodeVectors } from './histogram.js';
import { tableBytes, type VectorQuantizer, vectorQuantizerAt } from './quantizer.js';

/** A bit's price where rate counts, as a part of the mean squared distance: units of 2^-8. */
const SHARE = 64;

/** Effort 0 takes the nearest centers, any other those that are worth their bits. */
function shareOf({ iterations, price }: SearchPlan): number {
  return iterations > 0 || price > 0 ? SHARE : 0;
}

function tileEncoder(model: VectorModel, picture: AnalyzedPicture, assign: Assign): TileEncoder {
  let known: { readonly quality: number; readonly quantizer: VectorQuantizer } | undefined;
  return {
    *encodeTile(tile, quality, plan) {
      if (known?.quality !== quality) {
        known = { quality, quantizer: vectorQuantizerAt(model, quality) };
      }
      const { quantizer } = known;
      const latent = picture.latent(tile);
      const symbols = yield* chooseVectors(quantizer, latent, shareOf(plan), assign);
      return encodeVectors(quantizer, symbols);
    },
  };
}

/** Bytes of the host's that coding a tile of so many positions takes. */
function hostBytes(model: VectorModel, positions: number): number {
  const { dimension } = model.vectors;
  const latent = 2 * model.latent.channels;
  return (
    tableBytes(model) + positions * (latent + 2 * symbolsOf(model) + 2 * assignedLength(dimension))
  );
}

/** Vectors whose nearest centers the kernels find. */
function kernelTiles(model: VectorModel): TileEncoding {
  const { dimension, size } = model.vectors;
  const blocks = Math.ceil(size / 4);
  const length = assignedLength(dimension);
  return {
    load: () => {},
    plan: (plan, columns, rows) => {
      const side = largestTile(model.latent.stride);
      const positions = Math.min(columns, side) * Math.min(rows, side);
      const at = {
        vectors: plan.take(2 * positions * length),
        centers: plan.take(8 * blocks * length),
        symbols: plan.take(2 * positions),
      };
      return {
        hostBytes: (tileSide) =>
          hostBytes(model, Math.min(columns, tileSide) * Math.min(rows, tileSide)),
        open: (machine, picture) =>
          tileEncoder(model, picture, (vectors, centers) => {
            picture.assertOpen();
            const count = vectors.length / length;
            machine.write(at.vectors, vectors);
            machine.write(at.centers, packCenters(centers, length));
            const { kernels, memory } = machine;
            kernels.assignVectors(at.vectors, count, length / 2, at.centers, blocks, at.symbols);
            return new Uint16Array(memory.buffer, at.symbols, count).slice();
          }),
      };
    },
  };
}

/** Vectors whose nearest centers the reference finds. */
function referenceTiles(model: VectorModel): ReferenceTiles {
  return {
    bytes: (columns, rows, side) =>
      hostBytes(model, Math.min(columns, side) * Math.min(rows, side)),
    open: (picture) =>
      tileEncoder(model, picture, (vectors, centers, length) =>
        Uint16Array.from({ length: vectors.length / length }, (_, i) =>
          nearestVector(vectors.subarray(i * length, (i + 1) * length), centers),
        ),
      ),
  };
}

/**
 * The encoding of a model of vectors, for the engines on the kernels and for the reference.
 *
 * @throws ShvqError BAD_MODEL
 */
export function vectorEncoding(model: VectorModel): {
  kernels: TileEncodingOf;
  reference: ReferenceTiles;
} {
  if (!model.vectors.centers.every((c) => Math.abs(c) <= VECTOR_MAX)) {
    throw new ShvqError('BAD_MODEL', `A center is not within +-${VECTOR_MAX}`);
  }
  return { kernels: () => kernelTiles(model), reference: referenceTiles(model) };
}
