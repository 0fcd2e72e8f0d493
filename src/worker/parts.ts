import { AlphaDecoder } from '../image/alpha.js';
import { RegionAlpha } from '../image/region-alpha.js';
import { allocate } from '../runtime/allocate.js';
import type { DecoderEngines } from '../runtime/decoder-engines.js';
import type { Pace } from '../runtime/drive.js';
import { type EngineShrink, type Rect, STRIP_ROWS } from '../runtime/engine.js';
import { type Layout, layoutOf } from '../runtime/layout.js';
import { finishedBytes, finishStrip } from '../runtime/strips.js';
import type { DecodeOptions, ImageHeader } from '../types.js';

/**
 * What a thread does of a picture: nothing is kept from one part to the next, so that each may go to
 * any thread.
 */

export interface SurveyRequest {
  readonly header: ImageHeader;
  readonly options: Pick<DecodeOptions, 'region' | 'scale'>;
}

/** What the model says of a picture. */
export interface Survey {
  readonly layout: Layout;
  /** Pixels a latent position; bytes of its symbols, and what they are where there are none. */
  readonly stride: number;
  readonly positionBytes: number;
  readonly blank: number;
  /** Bytes that a thread needs at most beside what it hands out. */
  readonly workspace: number;
}

export interface TileRequest {
  readonly modelId: string;
  readonly quality: number;
  /** Latent positions. */
  readonly width: number;
  readonly height: number;
  readonly payload: Uint8Array;
}

export interface AlphaRequest {
  /** The alpha chunk's. */
  readonly payload: Uint8Array;
  /** Of the picture. */
  readonly width: number;
  readonly height: number;
  /** Pixels, within the picture made smaller, and how many times smaller it is. */
  readonly region: Rect;
  readonly shrink: number;
}

export interface BandRequest {
  readonly modelId: string;
  readonly quality: number;
  readonly isGrey: boolean;
  /** Pixels of the part of the picture. */
  readonly size: { readonly width: number; readonly height: number };
  /** Its symbols, [rows][columns] of their bytes. */
  readonly symbols: Uint8Array;
  readonly shrink: EngineShrink;
  readonly box: number;
  /** The engine's pixels of the part that are wanted. */
  readonly made: Rect;
  /** A byte a pixel of what comes out; opaque if left out. */
  readonly alpha: Uint8Array | undefined;
}

/** @throws ShvqError WRONG_MODEL, BAD_INPUT for a region or scale that the picture has not */
export async function survey(
  engines: DecoderEngines,
  { header, options }: SurveyRequest,
): Promise<Survey> {
  const engine = await engines.get(header.modelId);
  const layout = layoutOf(header, engine.model, options);
  return {
    layout,
    stride: engine.model.latent.stride,
    positionBytes: engine.positionBytes,
    blank: engine.blank,
    workspace: engine.workspace(header.width, header.height, layout.scaling.engine),
  };
}

/** The symbols of a tile, [height][width] of their bytes. @throws ShvqError CORRUPT */
export async function decodeTilePart(
  engines: DecoderEngines,
  { height, modelId, payload, quality, width }: TileRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const engine = await engines.get(modelId);
  const { stride } = engine.model.latent;
  const tile = { x: 0, y: 0, width, height };
  const picture = engine.open(width * stride, height * stride, quality);
  try {
    picture.decodeTile(tile, payload);
    return picture.symbols(tile);
  } finally {
    picture.close();
  }
}

/** The alpha of a region, a byte a pixel. @throws ShvqError CORRUPT */
export async function decodeAlphaPart(
  { height, payload, region, shrink, width }: AlphaRequest,
  pace: Pace,
): Promise<Uint8Array<ArrayBuffer>> {
  const rows = new RegionAlpha(new AlphaDecoder(payload, width), { width, height }, region, shrink);
  while (rows.above > 0) {
    rows.skip();
    await pace.step({ pixels: width, done: 0 });
  }
  const out = new Uint8Array(allocate(region.width * region.height).buffer);
  const rgba = new Uint8Array(4 * region.width);
  for (let y = 0; y < region.height; y++) {
    rows.write(rgba);
    for (let x = 0; x < region.width; x++) out[y * region.width + x] = rgba[4 * x + 3]!;
    await pace.step({ pixels: width * shrink, done: 0 });
  }
  return out;
}

/** RGBA bytes of a band. */
export async function makeBandPart(engines: DecoderEngines, request: BandRequest, pace: Pace) {
  const { alpha, box, isGrey, made, modelId, quality, shrink, size, symbols } = request;
  const engine = await engines.get(modelId);
  const { stride } = engine.model.latent;
  const [columns, rows] = [Math.ceil(size.width / stride), Math.ceil(size.height / stride)];
  const finish = { width: made.width, box, isGrey };
  const picture = engine.open(size.width, size.height, quality, shrink);
  try {
    picture.setSymbols({ x: 0, y: 0, width: columns, height: rows }, symbols);
    const out = allocate(Math.ceil(made.width / box) * Math.ceil(made.height / box) * 4);
    let at = 0;
    let done = 0;
    for (const strip of picture.pixels(made)) {
      const bytes = finishedBytes(strip, finish);
      finishStrip(strip, finish, out.subarray(at, at + bytes));
      at += bytes;
      done += STRIP_ROWS;
      const pixels = strip.height * made.width * shrink * shrink;
      await pace.step({ pixels, done: Math.min(1, done / made.height) });
    }
    alpha?.forEach((value, i) => {
      out[4 * i + 3] = value;
    });
    return out;
  } finally {
    picture.close();
  }
}
