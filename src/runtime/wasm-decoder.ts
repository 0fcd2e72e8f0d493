import { type Quantizer, quantizerAt } from '../entropy/quantizer.js';
import { ShvqError } from '../format/errors.js';
import { largestTile } from '../format/tiles.js';
import type { DecoderModel } from '../model/layers.js';
import { type PreviewHead, type PreviewShrink, previewHead } from '../model/preview.js';
import type { DecoderEngine, EngineShrink, PictureDecoder, PixelRows, Rect } from './engine.js';
import { Machine } from './machine.js';
import { Plan } from './plan.js';
import {
  previewTransform,
  type RegionSynthesis,
  type SymbolPlane,
  Synthesis,
  wholeTransform,
} from './synthesis.js';
import { TileModel } from './tile-model.js';
import { TileWorkspace } from './tile-workspace.js';
import { TileCoder } from './tiles.js';

/** Where a picture's symbols, its tile coder and the synthesis' workspace lie. */
interface PicturePlan {
  readonly width: number;
  readonly height: number;
  readonly shrink: EngineShrink;
  readonly plane: SymbolPlane;
  readonly tiles: TileWorkspace;
  /** The model's own, or a preview's, whose weights are the picture's to load. */
  readonly synthesis: Synthesis;
  readonly workspace: number;
  /** The synthesis of the whole picture, in its own pixels: no region needs more memory. */
  readonly pixels: Rect;
  readonly whole: RegionSynthesis;
  readonly end: number;
}

/** Decodes in WebAssembly. What pictures share is the model's packed weights. */
class WasmDecoder implements DecoderEngine {
  readonly #tileModel: TileModel;
  readonly #synthesis: Synthesis;
  /** The end of what stays from picture to picture. */
  readonly #start: number;
  /** An instance and a plan that no picture uses: pictures of one size often follow each other. */
  #machine: Machine | undefined;
  #planned: PicturePlan | undefined;
  readonly #heads = new Map<PreviewShrink, PreviewHead>();

  constructor(
    readonly build: 'simd' | 'plain',
    private readonly module: WebAssembly.Module,
    readonly model: DecoderModel,
  ) {
    const plan = new Plan();
    this.#tileModel = new TileModel(plan, model);
    this.#synthesis = new Synthesis(plan, model, wholeTransform(model));
    this.#start = plan.end;
  }

  #plan(width: number, height: number, shrink: EngineShrink): PicturePlan {
    const last = this.#planned;
    if (last?.width === width && last.height === height && last.shrink === shrink) return last;
    this.#planned = this.#planNew(width, height, shrink);
    return this.#planned;
  }

  #planNew(width: number, height: number, shrink: EngineShrink): PicturePlan {
    const { channels, stride } = this.model.latent;
    const plan = new Plan(this.#start);
    const columns = Math.ceil(width / stride);
    const rows = Math.ceil(height / stride);
    const plane = { address: plan.take(columns * rows * channels), columns, rows };
    const side = largestTile(stride);
    const tiles = new TileWorkspace(
      plan,
      this.model,
      Math.min(columns, side),
      Math.min(rows, side),
    );
    const synthesis =
      shrink === 1
        ? this.#synthesis
        : new Synthesis(plan, this.model, previewTransform(this.#head(shrink)));
    const workspace = plan.end;
    const pixels = {
      x: 0,
      y: 0,
      width: Math.ceil(width / shrink),
      height: Math.ceil(height / shrink),
    };
    const whole = synthesis.region(plan, plane, pixels);
    const end = plan.end;
    return { width, height, shrink, plane, tiles, synthesis, workspace, pixels, whole, end };
  }

  #head(shrink: PreviewShrink): PreviewHead {
    const head = this.#heads.get(shrink) ?? previewHead(this.model, shrink);
    this.#heads.set(shrink, head);
    return head;
  }

  workspace(width: number, height: number, shrink: EngineShrink = 1): number {
    return this.#plan(width, height, shrink).end;
  }

  /** An instance whose memory holds the plan. */
  #takeMachine(plan: PicturePlan): Machine {
    const free = this.#machine;
    this.#machine = undefined;
    if (free) {
      free.reserve(plan.end);
      return free;
    }
    const machine = new Machine(this.module, plan.end);
    this.#tileModel.load(machine);
    this.#synthesis.load(machine);
    return machine;
  }

  open(width: number, height: number, quality: number, shrink: EngineShrink = 1): PictureDecoder {
    const plan = this.#plan(width, height, shrink);
    const machine = this.#takeMachine(plan);
    if (shrink !== 1) plan.synthesis.load(machine);
    this.#planned = undefined;
    const quantizer = quantizerAt(this.model, quality);
    return new WasmPictureDecoder(this.#tileModel, machine, plan, quantizer, () => {
      this.#machine = machine;
      this.#planned = plan;
    });
  }
}

class WasmPictureDecoder implements PictureDecoder {
  readonly #tiles: TileCoder;
  #open = true;

  constructor(
    tileModel: TileModel,
    private readonly machine: Machine,
    private readonly plan: PicturePlan,
    private readonly quantizer: Quantizer,
    private readonly giveBack: () => void,
  ) {
    const { plane, tiles } = plan;
    const { address, columns, rows } = plane;
    const { model } = tileModel;
    const zero = (model.centers.length - 1) / 2;
    machine.bytes(address, columns * rows * model.latent.channels).fill(zero);
    this.#tiles = new TileCoder(machine, tileModel, tiles);
    this.#tiles.setQuality(quantizer);
  }

  #assertOpen(): void {
    if (!this.#open) throw new ShvqError('BAD_INPUT', 'The picture has been closed');
  }

  decodeTile(tile: Rect, payload: Uint8Array): void {
    this.#assertOpen();
    this.#tiles.decode(payload, tile, this.plan.plane);
  }

  /** Addresses of the rows of a rectangle of symbols. */
  #rows({ x, y, width, height }: Rect): { addresses: number[]; bytes: number } {
    this.#assertOpen();
    const { address, columns, rows } = this.plan.plane;
    if (x < 0 || y < 0 || x + width > columns || y + height > rows) {
      throw new ShvqError('BAD_INPUT', 'The symbols are not within the picture');
    }
    const { channels } = this.quantizer;
    const first = address + (y * columns + x) * channels;
    const addresses = Array.from({ length: height }, (_, i) => first + i * columns * channels);
    return { addresses, bytes: width * channels };
  }

  symbols(rect: Rect): Uint8Array<ArrayBuffer> {
    const { addresses, bytes } = this.#rows(rect);
    const out = new Uint8Array(rect.height * bytes);
    addresses.forEach((address, i) => {
      out.set(this.machine.bytes(address, bytes), i * bytes);
    });
    return out;
  }

  setSymbols(rect: Rect, symbols: Uint8Array): void {
    const { addresses, bytes } = this.#rows(rect);
    addresses.forEach((address, i) => {
      this.machine.write(address, symbols.subarray(i * bytes, (i + 1) * bytes));
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.giveBack();
  }

  *pixels(region: Rect): Generator<PixelRows> {
    const { pixels, plane, synthesis, whole, workspace } = this.plan;
    const isWhole = region.width === pixels.width && region.height === pixels.height;
    const part = isWhole ? whole : synthesis.region(new Plan(workspace), plane, region);
    this.#assertOpen();
    for (const rows of part.run(this.machine, this.quantizer)) {
      yield rows;
      this.#assertOpen();
    }
  }
}

/**
 * A decoder on a build of the kernels.
 *
 * @throws ShvqError BAD_INPUT, ENVIRONMENT when a picture is opened
 */
export function wasmDecoder(
  build: 'simd' | 'plain',
  module: WebAssembly.Module,
  model: DecoderModel,
): DecoderEngine {
  return new WasmDecoder(build, module, model);
}
