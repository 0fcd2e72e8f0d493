import { CHUNK } from '../format/constants.js';
import { latentOf } from '../format/tiles.js';
import { AlphaDecoder } from '../image/alpha.js';
import { RegionAlpha } from '../image/region-alpha.js';
import type { Pace } from './drive.js';
import { type DecoderEngine, type PictureDecoder, type PixelRows, STRIP_ROWS } from './engine.js';
import type { Faults } from './faults.js';
import type { Layout } from './layout.js';
import { checkEnd, type OpenFile, readTile } from './open-file.js';
import { finishedBytes, finishStrip } from './strips.js';

/** Share of a picture's work that its tiles take; what is left is synthesis, little in previews. */
export function tileShare({ scaling }: Layout): number {
  return scaling.engine === 1 ? 0.4 : 0.9;
}

/** What is to be decoded of an open file. */
export interface DecodePlan {
  readonly engine: DecoderEngine;
  readonly file: OpenFile;
  /** The alpha chunk's payload. */
  readonly alpha: Uint8Array | undefined;
  readonly layout: Layout;
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

/** Opens the alpha chunk at the region's first row. */
async function openAlpha(
  { alpha, file, layout: { region, scaling } }: DecodePlan,
  { faults, pace }: DecodeRun,
): Promise<RegionAlpha | undefined> {
  if (!alpha) return undefined;
  const { header } = file;
  const { offset } = header.chunks.find(({ type }) => type === CHUNK.alpha)!;
  const rows = await faults.guard({ offset }, () => new AlphaDecoder(alpha, header.width));
  if (!rows) return undefined;
  const opened = new RegionAlpha(rows, header, region, scaling.shrink);
  while (opened.above > 0) {
    opened.skip();
    await pace.step({ pixels: header.width, done: 0 });
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
  const { engine, file, layout } = plan;
  const { height, quality, width } = file.header;
  try {
    const picture = engine.open(width, height, quality, layout.scaling.engine);
    try {
      yield* stripsOf(picture, plan, run);
    } finally {
      picture.close();
    }
  } finally {
    file.input.close();
  }
}

async function* stripsOf(
  picture: PictureDecoder,
  plan: DecodePlan,
  run: DecodeRun,
): AsyncGenerator<PixelRows, void, void> {
  const { engine, file, layout } = plan;
  const { faults, pace } = run;
  const { header } = file;
  const { made, margin, region, scaling, source, tiles } = layout;
  const { box, engine: shrink } = scaling;
  const { stride } = engine.model.latent;
  const share = tileShare(layout);
  const alpha = await openAlpha(plan, run);
  const finish = { width: made.width, box, isGrey: header.isGrey, alpha };
  let decoded = 0;
  let rows = 0;
  const done = () => (share * decoded) / tiles.length + ((1 - share) * rows) / made.height;
  const strips = picture.pixels(made);
  while (rows < made.height) {
    const end = Math.min(rows + STRIP_ROWS, made.height);
    const bottom = source.y + end * shrink + margin;
    while (decoded < tiles.length && tiles[decoded]!.pixels.y < bottom) {
      const { index, pixels } = tiles[decoded]!;
      await faults.guard({ offset: header.tiles.offsets[index]!, tile: index }, async () =>
        picture.decodeTile(latentOf(pixels, stride), await readTile(file, index)),
      );
      decoded++;
      await pace.step({ pixels: pixels.width * pixels.height, done: done() });
    }
    const strip = strips.next().value as PixelRows;
    const data = run.allocate(finishedBytes(strip, finish));
    finishStrip(strip, finish, data);
    yield { y: region.y + rows / box, height: data.length / (4 * region.width), data };
    rows = end;
    await pace.step({ pixels: strip.height * made.width * shrink * shrink, done: done() });
  }
  const last = tiles.at(-1)!;
  if (last.index === header.tiles.count - 1) await faults.guard({}, () => checkEnd(file));
}
