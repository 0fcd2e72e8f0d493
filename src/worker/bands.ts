import type { Rect } from '../runtime/engine.js';
import type { Layout } from '../runtime/layout.js';
import { enlarge, scaledSize } from '../runtime/scale.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Rows of a region that one thread makes. It opens the part of the picture that they depend on as a
 * picture of its own: what lies further away does not matter to them.
 */
export interface Band {
  /** The first row, and how many they are, in the region's. */
  readonly y: number;
  readonly height: number;
  /** The part, in latent positions of the picture. */
  readonly part: Rect;
  /** The part, in pixels. */
  readonly size: Size;
  /** The rows, in the engine's pixels of the part. */
  readonly made: Rect;
  /** How many of the layout's tiles, in their order, they depend on at most. */
  readonly tiles: number;
}

/** Pixels of the picture for which a band pays, and what it has at most: 8 MB of RGBA. */
const LEAST_PIXELS = 2 ** 19;
const MOST_PIXELS = 2 ** 21;

/** Fewer rows of the picture would be made mostly of what lies around them. */
const LEAST_ROWS = 64;

/** Up to where each band goes, in the region's rows: bands of like height, for so many threads. */
export function evenEnds({ region, source }: Layout, threads: number): number[] {
  const pixels = source.width * source.height;
  const count = Math.max(
    1,
    Math.ceil(pixels / MOST_PIXELS),
    Math.min(threads, Math.floor(pixels / LEAST_PIXELS)),
  );
  const height = Math.ceil(region.height / count);
  const ends: number[] = [];
  for (let end = height; end < region.height; end += height) ends.push(end);
  return [...ends, region.height];
}

/** The same for rows that are wanted early: a band ends where a row of tiles lets it. */
export function earlyEnds({ margin, region, scaling, source, tiles }: Layout): number[] {
  const { shrink } = scaling;
  const most = Math.max(1, Math.floor(MOST_PIXELS / source.width / shrink));
  const least = Math.min(most, Math.ceil(LEAST_ROWS / shrink));
  const ends: number[] = [];
  let start = 0;
  const cut = (end: number) => {
    while (end - start > most) {
      start += most;
      ends.push(start);
    }
    ends.push(end);
    start = end;
  };
  for (const { pixels } of tiles) {
    const end = Math.floor((pixels.y + pixels.height - margin - source.y) / shrink);
    if (end - start >= least && end + least <= region.height) cut(end);
  }
  cut(region.height);
  return ends;
}

/** @param picture Its size. @param stride Pixels a latent position. */
export function bandsOf(
  ends: readonly number[],
  layout: Layout,
  picture: Size,
  stride: number,
): Band[] {
  const { margin, region, scaling, tiles } = layout;
  const { box, engine, shrink } = scaling;
  const small = scaledSize(picture, engine);
  return ends.map((end, i) => {
    const y = ends[i - 1] ?? 0;
    const rows = { x: region.x, y: region.y + y, width: region.width, height: end - y };
    const source = enlarge(rows, shrink, picture);
    const bottom = source.y + source.height + margin;
    const [left, right] = positions(source.x, source.width, margin, picture.width, stride);
    const [top, low] = positions(source.y, source.height, margin, picture.height, stride);
    const made = enlarge(rows, box, small);
    const [x0, y0] = [(left * stride) / engine, (top * stride) / engine];
    return {
      y,
      height: end - y,
      part: { x: left, y: top, width: right - left, height: low - top },
      size: {
        width: Math.min(right * stride, picture.width) - left * stride,
        height: Math.min(low * stride, picture.height) - top * stride,
      },
      made: { ...made, x: made.x - x0, y: made.y - y0 },
      tiles: tiles.filter(({ pixels }) => pixels.y < bottom).length,
    };
  });
}

/** The latent positions of an interval of pixels and a margin, within the picture. */
function positions(
  start: number,
  length: number,
  margin: number,
  side: number,
  stride: number,
): [from: number, to: number] {
  return [
    Math.max(0, Math.floor((start - margin) / stride)),
    Math.min(Math.ceil(side / stride), Math.ceil((start + length + margin) / stride)),
  ];
}
