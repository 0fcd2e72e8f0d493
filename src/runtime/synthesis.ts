import type { DecoderModel, Layer } from '../model/layers.js';
import type { PreviewHead } from '../model/preview.js';
import { burst, Chain, type Interval, reach, shapeAfter } from './chain.js';
import { type PixelRows, type Rect, STRIP_ROWS } from './engine.js';
import type { Machine } from './machine.js';
import type { Plan } from './plan.js';
import type { RowShape, RowSink } from './stages.js';

/** Writes and reads pixels by the vector. */
function padPixels(pixels: number): number {
  return Math.ceil(pixels / 4) * 4;
}

/** A row of pixels within a row of the last layer: chunks of pixels, some bytes apart. */
interface PixelRow {
  readonly address: number;
  readonly chunk: number;
  readonly chunkStride: number;
}

/** One list of the synthesis. A depthToSpace at its end costs nothing: pixels are read in place. */
class PixelChain {
  readonly chain: Chain;
  /** Rows of pixels in a row of the last layer. */
  readonly block: number;

  constructor(plan: Plan, layers: readonly Layer[]) {
    const last = layers.at(-1);
    const folds = last?.op === 'depthToSpace' && last.block % 4 === 0;
    this.block = folds ? last.block : 1;
    this.chain = new Chain(plan, folds ? layers.slice(0, -1) : layers, true);
  }
}

/** Keeps the rows of the last layer until they are asked for. */
class RowQueue implements RowSink {
  readonly stride: number;
  readonly #start: number;
  readonly #rowBytes: number;
  #count = 0;

  constructor(
    plan: Plan,
    private readonly capacity: number,
    private readonly shape: RowShape,
    private readonly block: number,
  ) {
    this.stride = 2 * shape.channels;
    // Dense rows whose width is no multiple of 4 pixels are read beyond their end.
    this.#rowBytes = Math.ceil((shape.width * this.stride + 24) / 16) * 16;
    this.#start = plan.take(capacity * this.#rowBytes);
  }

  /** Rows of pixels that have come. */
  get pixelRows(): number {
    return this.#count * this.block;
  }

  begin(): void {
    this.#count = 0;
  }

  target(): number {
    return this.#start + (this.#count % this.capacity) * this.#rowBytes;
  }

  commit(): void {
    this.#count++;
  }

  finish(): void {}

  /** Where a row of pixels lies, of those that came last. */
  at(y: number): PixelRow {
    const row = Math.floor(y / this.block);
    const chunkBytes = this.stride / this.block;
    const address =
      this.#start + (row % this.capacity) * this.#rowBytes + (y % this.block) * chunkBytes;
    return this.block === 1
      ? { address, chunk: padPixels(this.shape.width), chunkStride: 0 }
      : { address, chunk: this.block, chunkStride: this.stride };
  }
}

/**
 * Dequantizes `width` positions of a row of symbols from a column on.
 *
 * @param dst [width][channels] of i16, `stride` bytes from a position to the next.
 */
export type ExpandSymbols = (
  row: number,
  column: number,
  width: number,
  dst: number,
  stride: number,
) => void;

/** Rows of pixels in units of 2^-6 grey level; two such are added. */
interface PixelSource {
  begin(machine: Machine, expand: ExpandSymbols): void;
  /** A row of pixels of the picture. Rows are asked for from top to bottom. */
  row(y: number): PixelRow;
}

/** Pixels that are the same in every latent position. */
class RepeatedPixels implements PixelSource {
  readonly #start: number;
  readonly #rows: Int16Array;

  /** @param block [stride][stride][3], stride 1, 2 or 4. */
  constructor(
    plan: Plan,
    private readonly stride: number,
    block: Int16Array,
  ) {
    // A vector of 4 pixels a row, 16 values apart.
    this.#rows = new Int16Array(16 * stride);
    for (let y = 0; y < stride; y++) {
      for (let i = 0; i < 12; i++) {
        this.#rows[16 * y + i] = block[y * stride * 3 + (i % (stride * 3))]!;
      }
    }
    this.#start = plan.take(this.#rows.byteLength);
  }

  begin(machine: Machine): void {
    machine.write(this.#start, this.#rows);
  }

  row(y: number): PixelRow {
    return { address: this.#start + (y % this.stride) * 32, chunk: 4, chunkStride: 0 };
  }
}

/** Feeds rows of latents to one list of the synthesis as its pixels are asked for. */
class PixelFeed implements PixelSource {
  readonly #queue: RowQueue;
  readonly #stages: RowSink;
  #next = 0;
  #expand: ExpandSymbols | undefined;

  /**
   * @param first The first column of the latent that is read.
   * @param rows Rows of the latent that the pixels in question depend on.
   * @param pixelStride Rows of pixels a row of the latent.
   */
  constructor(
    plan: Plan,
    { chain, block }: PixelChain,
    private readonly shape: RowShape,
    private readonly first: number,
    private readonly rows: Interval,
    private readonly pixelStride: number,
  ) {
    const end = chain.layers.reduce((s, layer) => shapeAfter(layer, s), shape);
    this.#queue = new RowQueue(plan, burst(chain.layers, pixelStride / block), end, block);
    this.#stages = chain.stages(plan, shape, this.#queue);
  }

  begin(machine: Machine, expand: ExpandSymbols): void {
    this.#expand = expand;
    this.#stages.begin(machine);
    this.#next = this.rows.from;
  }

  row(y: number): PixelRow {
    const { from, to } = this.rows;
    const local = y - from * this.pixelStride;
    while (this.#queue.pixelRows <= local && this.#next <= to) {
      if (this.#next === to) {
        this.#stages.finish();
      } else {
        const { stride } = this.#stages;
        this.#expand!(this.#next, this.first, this.shape.width, this.#stages.target(), stride);
        this.#stages.commit();
      }
      this.#next++;
    }
    return this.#queue.at(local);
  }
}

/** Where a picture's symbols lie: [rows][columns], each with the bytes of its symbols. */
export interface SymbolPlane {
  readonly address: number;
  readonly columns: number;
  readonly rows: number;
}

/** What makes pixels of a latent: lists of layers whose outputs are added. */
export interface PixelTransform {
  /** Pixels a latent position, in each direction. */
  readonly stride: number;
  /** Two lists, or one and what is added to it in every position: [stride][stride][3]. */
  readonly lists: readonly (readonly Layer[])[];
  readonly repeated?: Int16Array;
}

/** The whole synthesis of a model. */
export function wholeTransform({ latent, synthesis }: DecoderModel): PixelTransform {
  return { stride: latent.stride, lists: [synthesis.trunk, synthesis.shortcut] };
}

/** The synthesis of a preview. */
export function previewTransform({ conv, stride, trunk }: PreviewHead): PixelTransform {
  const layers: Layer[] = stride === 1 ? [conv] : [conv, { op: 'depthToSpace', block: stride }];
  return { stride, lists: [layers], repeated: trunk };
}

/** A transform with its packed weights and a place for them. */
export class Synthesis {
  readonly #parts: readonly PixelChain[];

  /**
   * @param plan Gives out the places that are the same for all pictures.
   * @param channels Of the latent.
   */
  constructor(
    plan: Plan,
    private readonly channels: number,
    private readonly transform: PixelTransform,
  ) {
    this.#parts = transform.lists.map((layers) => new PixelChain(plan, layers));
  }

  /** Writes the weights. */
  load(machine: Machine): void {
    for (const { chain } of this.#parts) chain.load(machine);
  }

  /** The latent positions that a list reads for an interval of pixels, within the picture. */
  #reach({ chain, block }: PixelChain, pixels: Interval, positions: number): Interval {
    const rows = { from: Math.floor(pixels.from / block), to: Math.ceil(pixels.to / block) };
    const { from, to } = reach(chain.layers, rows);
    return { from: Math.max(0, from), to: Math.min(positions, to) };
  }

  /**
   * Plans the synthesis of a region.
   *
   * @param plan Gives out the workspace.
   * @param region Pixels that the transform makes, within the picture.
   */
  region(plan: Plan, plane: SymbolPlane, region: Rect): RegionSynthesis {
    const { channels } = this;
    const { repeated, stride } = this.transform;
    const parts = this.#parts;
    const down = { from: region.y, to: region.y + region.height };
    const across = { from: region.x, to: region.x + region.width };
    // Both lists run on the same columns, so that their pixels lie side by side.
    const columns = parts
      .map((part) => this.#reach(part, across, plane.columns))
      .reduce((a, b) => ({ from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }));
    const width = columns.to - columns.from;
    const sources: PixelSource[] = parts.map((part) => {
      const rows = this.#reach(part, down, plane.rows);
      return new PixelFeed(plan, part, { width, channels }, columns.from, rows, stride);
    });
    if (repeated) sources.push(new RepeatedPixels(plan, stride, repeated));
    const window = {
      region,
      skipped: region.x - columns.from * stride,
      pixels: padPixels(width * stride),
    };
    return new RegionSynthesis(plan, sources[0]!, sources[1]!, window);
  }
}

/** A region and the pixels of a row that its columns of the latent make, some skipped at the left. */
interface Window {
  readonly region: Rect;
  readonly skipped: number;
  readonly pixels: number;
}

/** The planned synthesis of a region. */
export class RegionSynthesis {
  /** A row of all pixels, then a strip of rows of the region's. */
  readonly #row: number;
  readonly #strip: number;

  constructor(
    plan: Plan,
    private readonly first: PixelSource,
    private readonly second: PixelSource,
    private readonly window: Window,
  ) {
    const { pixels, region } = window;
    this.#row = plan.take(4 * pixels);
    this.#strip = plan.take(4 * region.width * Math.min(STRIP_ROWS, region.height));
  }

  /** Runs it over the symbols, strip after strip. */
  *run(machine: Machine, expand: ExpandSymbols): Generator<PixelRows> {
    const { y, width, height } = this.window.region;
    this.first.begin(machine, expand);
    this.second.begin(machine, expand);
    for (let top = y; top < y + height; top += STRIP_ROWS) {
      const rows = Math.min(STRIP_ROWS, y + height - top);
      for (let i = 0; i < rows; i++) {
        this.#writeRow(machine, top + i, this.#strip + i * 4 * width);
      }
      yield { y: top, height: rows, data: machine.bytes(this.#strip, rows * 4 * width) };
    }
  }

  #writeRow({ kernels }: Machine, y: number, dst: number): void {
    const { pixels, skipped, region } = this.window;
    const a = this.first.row(y);
    const b = this.second.row(y);
    kernels.writePixels(
      a.address,
      a.chunk,
      a.chunkStride,
      b.address,
      b.chunk,
      b.chunkStride,
      pixels,
      this.#row,
    );
    kernels.copyChunks(this.#row + 4 * skipped, 0, dst, 0, 4 * region.width, 1);
  }
}
