import type { Rect } from '../runtime/engine.js';
import type { ImageHeader } from '../types.js';
import { TILE_LOG2_MAX } from './constants.js';

/** The pixels of a tile, within the picture. */
export function tilePixels(
  {
    width,
    height,
    tiles,
  }: Pick<ImageHeader, 'width' | 'height'> & {
    readonly tiles: { readonly size: number; readonly columns: number };
  },
  index: number,
): Rect {
  const { size, columns } = tiles;
  const x = (index % columns) * size;
  const y = Math.floor(index / columns) * size;
  return { x, y, width: Math.min(size, width - x), height: Math.min(size, height - y) };
}

/** The latent positions whose top left pixel lies in a tile: docs/format.md, section 3. */
export function latentOf({ x, y, width, height }: Rect, stride: number): Rect {
  return {
    x: x / stride,
    y: y / stride,
    width: Math.ceil(width / stride),
    height: Math.ceil(height / stride),
  };
}

/** Latent positions of the largest tile that a file may have, in each direction. */
export function largestTile(stride: number): number {
  return 2 ** TILE_LOG2_MAX / stride;
}

/** Whether two rectangles share a pixel when the first is widened by a margin on all sides. */
export function overlaps(a: Rect, b: Rect, margin: number): boolean {
  return (
    a.x - margin < b.x + b.width &&
    b.x < a.x + a.width + margin &&
    a.y - margin < b.y + b.height &&
    b.y < a.y + a.height + margin
  );
}
