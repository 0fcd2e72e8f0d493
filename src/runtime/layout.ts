import { ShvqError } from '../format/errors.js';
import { overlaps, tilePixels } from '../format/tiles.js';
import type { DecoderModel } from '../model/layers.js';
import { synthesisReach } from '../model/reach.js';
import type { DecodeOptions, ImageHeader } from '../types.js';
import type { Rect } from './engine.js';
import { enlarge, type Scaling, scaledSize, scalingOf } from './scale.js';

export interface TileInPicture {
  readonly index: number;
  readonly pixels: Rect;
}

/** What is to be decoded of a picture, and of what it is made. */
export interface Layout {
  readonly scaling: Scaling;
  /** Pixels, within the picture made smaller. */
  readonly region: Rect;
  /** The region in the engine's pixels, before boxes are averaged. */
  readonly made: Rect;
  /** The region in the picture's own pixels. */
  readonly source: Rect;
  /** How far from a pixel tiles still matter to it, in the picture's pixels. */
  readonly margin: number;
  /** The tiles that the region depends on, in the file's order. */
  readonly tiles: readonly TileInPicture[];
}

/** @throws ShvqError BAD_INPUT for a rectangle that is not within the picture */
function checkRegion(
  region: Rect | null | undefined,
  { width, height }: { readonly width: number; readonly height: number },
): Rect {
  if (!region) return { x: 0, y: 0, width, height };
  const { x, y } = region;
  const inside =
    [x, y, region.width, region.height].every(Number.isInteger) &&
    x >= 0 &&
    y >= 0 &&
    region.width >= 1 &&
    region.height >= 1 &&
    x + region.width <= width &&
    y + region.height <= height;
  if (!inside) {
    throw new ShvqError(
      'BAD_INPUT',
      `The region ${region.width} x ${region.height} at (${x}, ${y}) is not within the picture's ` +
        `${width} x ${height} pixels`,
    );
  }
  return { x, y, width: region.width, height: region.height };
}

function tilesOf(header: ImageHeader, region: Rect, margin: number): TileInPicture[] {
  const tiles: TileInPicture[] = [];
  for (let index = 0; index < header.tiles.count; index++) {
    const pixels = tilePixels(header, index);
    if (overlaps(pixels, region, margin)) tiles.push({ index, pixels });
  }
  return tiles;
}

/** Checks what was asked for of a picture. @throws ShvqError BAD_INPUT */
export function layoutOf(
  header: ImageHeader,
  model: DecoderModel,
  options: Pick<DecodeOptions, 'region' | 'scale'>,
): Layout {
  const scaling = scalingOf(options.scale ?? 1, model);
  const region = checkRegion(options.region, scaledSize(header, scaling.shrink));
  const made = enlarge(region, scaling.box, scaledSize(header, scaling.engine));
  const source = enlarge(region, scaling.shrink, header);
  // A preview's pixel depends on its own latent position alone.
  const margin = scaling.engine === 1 ? synthesisReach(model.synthesis) * model.latent.stride : 0;
  return { scaling, region, made, source, margin, tiles: tilesOf(header, source, margin) };
}
