import { CHUNK } from '../format/constants.js';
import { latentOf, overlaps, tilePixels } from '../format/tiles.js';
import { AlphaDecoder } from '../image/alpha.js';
import { makeGrey } from '../image/grey.js';
import { synthesisReach } from '../model/reach.js';
import type { ImageHeader } from '../types.js';
import type { Pace } from './drive.js';
import { type DecoderEngine, type PixelRows, type Rect, STRIP_ROWS } from './engine.js';
import type { Faults } from './faults.js';
import { checkEnd, type OpenFile, readTile } from './open-file.js';

/** Share of a picture's work that its tiles take; what is left is synthesis. */
const TILE_SHARE = 0.4;

/** What is to be decoded of an open file. */
export interface DecodePlan {
  readonly engine: DecoderEngine;
  readonly file: OpenFile;
  /** The alpha chunk's payload. */
  readonly alpha: Uint8Array | undefined;
  /** Pixels, within the picture. */
  readonly region: Rect;
}

/** How a decoding runs. */
export interface DecodeRun {
  readonly faults: Faults;
  readonly pace: Pace;
  /**
   * Memory for the rows that come next.
   *
   * @throws ShvqError BAD_INPUT where there is none any more
   */
  allocate(bytes: number): Uint8Array | Uint8ClampedArray;
}

interface TileInPicture {
  readonly index: number;
  readonly pixels: Rect;
}

/** The tiles that a region's pixels depend on, in the file's order. */
function tilesOf(header: ImageHeader, region: Rect, margin: number): TileInPicture[] {
  const tiles: TileInPicture[] = [];
  for (let index = 0; index < header.tiles.count; index++) {
    const pixels = tilePixels(header, index);
    if (overlaps(pixels, region, margin)) tiles.push({ index, pixels });
  }
  return tiles;
}

/** The alpha of a region's rows, one after the other. */
class RegionAlpha {
  constructor(
    private readonly rows: AlphaDecoder,
    private readonly region: Rect,
  ) {}

  /** Goes past a row. */
  skip(): void {
    this.rows.next();
  }

  /** Writes the alpha of the next rows into their RGBA bytes. */
  write(rgba: Uint8Array | Uint8ClampedArray): void {
    const { x: left, width } = this.region;
    for (let at = 3; at < rgba.length; at += 4 * width) {
      const row = this.rows.next();
      for (let x = 0; x < width; x++) rgba[at + 4 * x] = row[left + x]!;
    }
  }
}

/** Opens the alpha chunk at the region's first row. */
async function openAlpha(
  { alpha, file, region }: DecodePlan,
  { faults, pace }: DecodeRun,
): Promise<RegionAlpha | undefined> {
  if (!alpha) return undefined;
  const { chunks, width } = file.header;
  const { offset } = chunks.find(({ type }) => type === CHUNK.alpha)!;
  const rows = await faults.guard({ offset }, () => new AlphaDecoder(alpha, width));
  if (!rows) return undefined;
  const opened = new RegionAlpha(rows, region);
  for (let y = 0; y < region.y; y++) {
    opened.skip();
    await pace.step({ pixels: width, done: 0 });
  }
  return opened;
}

/**
 * Decodes a region of a picture, strip after strip of rows, each as soon as the tiles that it
 * depends on have been read. The caller's memory is filled with RGBA bytes.
 *
 * @returns Strips of at most STRIP_ROWS rows; `data` is what `allocate` gave.
 * @throws ShvqError TRUNCATED, CORRUPT, BAD_INPUT, ABORTED
 */
export async function* decodeStrips(
  plan: DecodePlan,
  run: DecodeRun,
): AsyncGenerator<PixelRows, void, void> {
  const { engine, file, region } = plan;
  const { faults, pace } = run;
  const { header, input } = file;
  const { stride } = engine.model.latent;
  const margin = synthesisReach(engine.model.synthesis) * stride;
  const tiles = tilesOf(header, region, margin);
  const picture = engine.open(header.width, header.height, header.quality);
  try {
    const alpha = await openAlpha(plan, run);
    const strips = picture.pixels(region);
    const bottom = region.y + region.height;
    let decoded = 0;
    for (let top = region.y; top < bottom; top += STRIP_ROWS) {
      const end = Math.min(top + STRIP_ROWS, bottom);
      for (; decoded < tiles.length && tiles[decoded]!.pixels.y < end + margin; decoded++) {
        const { index, pixels } = tiles[decoded]!;
        await faults.guard({ offset: header.tiles.offsets[index]!, tile: index }, async () =>
          picture.decodeTile(latentOf(pixels, stride), await readTile(file, index)),
        );
        const rows = (top - region.y) / region.height;
        await pace.step({
          pixels: pixels.width * pixels.height,
          done: (TILE_SHARE * (decoded + 1)) / tiles.length + (1 - TILE_SHARE) * rows,
        });
      }
      const { data: source, height, y } = strips.next().value as PixelRows;
      const data = run.allocate(source.length);
      data.set(source);
      if (header.isGrey) makeGrey(data);
      alpha?.write(data);
      yield { y, height, data };
      await pace.step({
        pixels: height * region.width,
        done:
          (TILE_SHARE * decoded) / tiles.length +
          ((1 - TILE_SHARE) * (end - region.y)) / region.height,
      });
    }
    const last = tiles.at(-1)!;
    if (last.index === header.tiles.count - 1) await faults.guard({}, () => checkEnd(file));
  } finally {
    picture.close();
    input.close();
  }
}
