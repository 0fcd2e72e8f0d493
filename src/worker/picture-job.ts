import { CHUNK } from '../format/constants.js';
import type { ResolvedLimits } from '../format/limits.js';
import { checkMemory } from '../format/limits.js';
import { latentOf } from '../format/tiles.js';
import type { FileInput } from '../image/file-input.js';
import { tileShare } from '../runtime/decode-picture.js';
import { toInfo } from '../runtime/decoded-info.js';
import type { Rect } from '../runtime/engine.js';
import { Faults } from '../runtime/faults.js';
import {
  checkEnd,
  checkFileLength,
  type OpenFile,
  openFile,
  readChunks,
  readTile,
} from '../runtime/open-file.js';
import type { DecodedInfo, DecodedStrip, DecodeOptions } from '../types.js';
import type { Abort } from './abort.js';
import { type Band, bandsOf } from './bands.js';
import type { Survey } from './parts.js';
import type { ThreadPool } from './pool.js';
import { Progress } from './progress.js';
import { Slots } from './slots.js';
import { SymbolPlane } from './symbol-plane.js';

/** Smaller pictures stay on one thread. */
const SMALL_PIXELS = 2 ** 20;

/** A picture whose header and chunks have been read, and what the model says of it. */
export interface OpenPicture {
  readonly file: OpenFile;
  readonly info: DecodedInfo;
  readonly faults: Faults;
  readonly alpha: Uint8Array | undefined;
  readonly survey: Survey;
  readonly limits: ResolvedLimits;
  /** Bytes of output that are held. */
  readonly output: number;
}

/**
 * Reads the header and the chunks, and has a thread check what was asked for.
 *
 * @param outputBytes Bytes of output a pixel that are held at once.
 * @throws ShvqError
 */
export async function openPicture(
  threads: ThreadPool,
  input: FileInput,
  { partial = false, region, scale }: DecodeOptions,
  limits: ResolvedLimits,
  outputBytes: number,
  stop: Abort,
): Promise<OpenPicture> {
  const file = await openFile(input, limits);
  const { header } = file;
  const call = { kind: 'survey', request: { header, options: { region, scale } } } as const;
  const survey = await threads.run(call, [], stop);
  const { layout, workspace } = survey;
  const output = layout.region.width * layout.region.height * outputBytes;
  checkMemory(output + workspace, limits);
  const faults = new Faults(partial);
  await faults.guard({}, () => checkFileLength(file));
  const { alpha, metadata } = await readChunks(file, faults);
  const info = toInfo(header, layout.region, faults.list, metadata);
  return { file, info, faults, alpha, survey, limits, output };
}

/** Latent positions of all tiles together. */
function cover(tiles: readonly Rect[]): Rect {
  const x = Math.min(...tiles.map((tile) => tile.x));
  const y = Math.min(...tiles.map((tile) => tile.y));
  const width = Math.max(...tiles.map((tile) => tile.x + tile.width)) - x;
  const height = Math.max(...tiles.map((tile) => tile.y + tile.height)) - y;
  return { x, y, width, height };
}

/** How a picture is decoded. */
export interface JobPlan {
  /** Up to where each band goes, in the region's rows. */
  readonly ends: readonly number[];
  readonly onProgress: (done: number) => void;
  readonly stop: Abort;
}

/**
 * One picture on several threads: tiles to symbols, in any order; then bands of rows, each as soon as
 * the symbols that it depends on are there.
 */
export class PictureJob {
  readonly bands: readonly Band[];
  /** Threads that work on it at a time. */
  readonly width: number;
  readonly #slots: Slots;
  readonly #plane: SymbolPlane;
  readonly #progress: Progress;
  readonly #alpha: Promise<Uint8Array | undefined>;
  #begun = 0;
  /** Until the input may be read again. */
  #reading: Promise<unknown> = Promise.resolve();
  /** For each tile that was begun: until it and those before it are in their place, or known to fail. */
  readonly #placed: Promise<unknown>[] = [];

  constructor(
    private readonly threads: ThreadPool,
    private readonly picture: OpenPicture,
    private readonly plan: JobPlan,
  ) {
    const { header } = picture.file;
    const { blank, layout, positionBytes, stride } = picture.survey;
    const { tiles } = layout;
    this.bands = bandsOf(plan.ends, layout, header, stride);
    this.#plane = new SymbolPlane(
      cover(tiles.map(({ pixels }) => latentOf(pixels, stride))),
      positionBytes,
      blank,
    );
    this.width = this.#threadsAllowed();
    this.#slots = new Slots(this.width);
    this.#progress = new Progress(
      tiles.length,
      this.bands.map(({ height }) => height),
      tileShare(layout),
      plan.onProgress,
    );
    this.#alpha = this.#decodeAlpha();
    this.#alpha.catch(() => {});
  }

  /** As many as there are and as the memory allows: each holds a workspace and a band. */
  #threadsAllowed(): number {
    const { limits, output, survey } = this.picture;
    const { region, source } = survey.layout;
    if (source.width * source.height < SMALL_PIXELS) return 1;
    const rows = Math.max(...this.bands.map(({ height }) => height));
    const each = survey.workspace + rows * region.width * 4;
    const allowed = Math.floor((limits.maxMemory - output - this.#plane.bytes) / each);
    return Math.max(1, Math.min(this.threads.size, allowed));
  }

  async #decodeAlpha(): Promise<Uint8Array | undefined> {
    const { alpha: payload, faults, file, survey } = this.picture;
    if (!payload) return undefined;
    const { region, scaling } = survey.layout;
    const { chunks, height, width } = file.header;
    const { offset } = chunks.find(({ type }) => type === CHUNK.alpha)!;
    const request = { payload, width, height, region, shrink: scaling.shrink };
    return faults.guard({ offset }, () =>
      this.#slots.run(() => this.threads.run({ kind: 'alpha', request }, [], this.plan.stop)),
    );
  }

  #beginTile(): void {
    const { faults, file, survey } = this.picture;
    const { modelId, quality, tiles } = file.header;
    const { index, pixels } = survey.layout.tiles[this.#begun++]!;
    const latent = latentOf(pixels, survey.stride);
    const read = this.#reading.then(async () => (await readTile(file, index)).slice());
    this.#reading = read.catch(() => {});
    const symbols = read.then((payload) => {
      const { height, width } = latent;
      const request = { modelId, quality, width, height, payload };
      return this.#slots.run(() =>
        this.threads.run({ kind: 'tile', request }, [payload.buffer], this.plan.stop),
      );
    });
    symbols.catch(() => {});
    const before = this.#placed.at(-1) ?? this.#alpha;
    const placed = before.then(async () => {
      await faults.guard({ offset: tiles.offsets[index]!, tile: index }, async () =>
        this.#plane.set(latent, await symbols),
      );
      this.#progress.tile();
    });
    placed.catch(() => {});
    this.#placed.push(placed);
  }

  /** Makes a band, the tiles that it depends on before. @throws ShvqError */
  async band(index: number): Promise<DecodedStrip> {
    const { height, made, part, size, tiles, y } = this.bands[index]!;
    while (this.#begun < tiles) this.#beginTile();
    await this.#placed[tiles - 1];
    const { file, survey } = this.picture;
    const { region, scaling } = survey.layout;
    const { isGrey, modelId, quality } = file.header;
    const { width } = region;
    const alpha = (await this.#alpha)?.slice(y * width, (y + height) * width);
    const data = await this.#slots.run(() => {
      const symbols = this.#plane.get(part);
      const { box, engine: shrink } = scaling;
      const request = { modelId, quality, isGrey, size, symbols, shrink, box, made, alpha };
      const transfer = alpha ? [symbols.buffer, alpha.buffer] : [symbols.buffer];
      return this.threads.run({ kind: 'band', request }, transfer, this.plan.stop, (done) =>
        this.#progress.band(index, done),
      );
    }, true);
    this.#progress.band(index, 1);
    return { y, width, height, data };
  }

  /** All bands, from the top; several threads make some ahead of those that are asked for. */
  async *run(): AsyncGenerator<DecodedStrip, void, void> {
    const { faults, file, survey } = this.picture;
    const most = this.width === 1 ? 1 : this.width + 1;
    try {
      const ahead: Promise<DecodedStrip>[] = [];
      for (let next = 0; ; ) {
        while (next < this.bands.length && ahead.length < most) {
          const band = this.band(next++);
          band.catch(() => {});
          ahead.push(band);
        }
        const band = ahead.shift();
        if (!band) break;
        yield await band;
      }
      const last = survey.layout.tiles.at(-1)!;
      if (last.index === file.header.tiles.count - 1) {
        await faults.guard({}, () => checkEnd(file));
      }
    } finally {
      this.plan.stop.fire();
      file.input.close();
    }
  }
}
