import { ShvqError } from '../format/errors.js';
import { largestTile } from '../format/tiles.js';
import type { DecoderModel } from '../model/layers.js';
import { type PreviewHead, type PreviewShrink, previewHead } from '../model/preview.js';
import type { DecoderEngine, EngineShrink, PictureDecoder, PixelRows, Rect } from './engine.js';
import { Machine } from './machine.js';
import { Plan } from './plan.js';
import type {
  SymbolCoding,
  SymbolCodingOf,
  SymbolCodingPlan,
  SymbolDecoder,
} from './symbol-coding.js';
import {
  previewTransform,
  type RegionSynthesis,
  type SymbolPlane,
  Synthesis,
  wholeTransform,
} from './synthesis.js';

/** Where a picture's symbols, their coder and the synthesis' workspace lie. */
interface PicturePlan {
  readonly width: number;
  readonly height: number;
  readonly shrink: EngineShrink;
  readonly plane: SymbolPlane;
  readonly coding: SymbolCodingPlan;
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
  readonly positionBytes: number;
  readonly blank: number;
  readonly #coding: SymbolCoding;
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
    codingOf: SymbolCodingOf,
  ) {
    const plan = new Plan();
    this.#coding = codingOf(plan);
    this.positionBytes = this.#coding.positionBytes;
    this.blank = this.#coding.blank;
    this.#synthesis = new Synthesis(plan, model.latent.channels, wholeTransform(model));
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
    const { positionBytes } = this;
    const plane = { address: plan.take(columns * rows * positionBytes), columns, rows };
    const side = largestTile(stride);
    const coding = this.#coding.plan(plan, Math.min(columns, side), Math.min(rows, side));
    const synthesis =
      shrink === 1
        ? this.#synthesis
        : new Synthesis(plan, channels, previewTransform(this.#head(shrink)));
    const workspace = plan.end;
    const pixels = {
      x: 0,
      y: 0,
      width: Math.ceil(width / shrink),
      height: Math.ceil(height / shrink),
    };
    const whole = synthesis.region(plan, plane, pixels);
    const end = plan.end;
    return { width, height, shrink, plane, coding, synthesis, workspace, pixels, whole, end };
  }

  #head(shrink: PreviewShrink): PreviewHead {
    const head = this.#heads.get(shrink) ?? previewHead(this.model, shrink);
    this.#heads.set(shrink, head);
    return head;
  }

  workspace(width: number, height: number, shrink: EngineShrink = 1): number {
    const { coding, end } = this.#plan(width, height, shrink);
    return end + coding.hostBytes;
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
    this.#coding.load(machine);
    this.#synthesis.load(machine);
    return machine;
  }

  open(width: number, height: number, quality: number, shrink: EngineShrink = 1): PictureDecoder {
    const plan = this.#plan(width, height, shrink);
    const machine = this.#takeMachine(plan);
    if (shrink !== 1) plan.synthesis.load(machine);
    this.#planned = undefined;
    const { blank, positionBytes } = this;
    const { address, columns, rows } = plan.plane;
    machine.bytes(address, columns * rows * positionBytes).fill(blank);
    const coder = plan.coding.open(machine, plan.plane, quality);
    return new WasmPictureDecoder(machine, plan, coder, positionBytes, () => {
      this.#machine = machine;
      this.#planned = plan;
    });
  }
}

class WasmPictureDecoder implements PictureDecoder {
  #open = true;

  constructor(
    private readonly machine: Machine,
    private readonly plan: PicturePlan,
    private readonly coder: SymbolDecoder,
    private readonly positionBytes: number,
    private readonly giveBack: () => void,
  ) {}

  #assertOpen(): void {
    if (!this.#open) throw new ShvqError('BAD_INPUT', 'The picture has been closed');
  }

  decodeTile(tile: Rect, payload: Uint8Array): void {
    this.#assertOpen();
    this.coder.decode(payload, tile);
  }

  /** Addresses of the rows of a rectangle of symbols. */
  #rows({ x, y, width, height }: Rect): { addresses: number[]; bytes: number } {
    this.#assertOpen();
    const { address, columns, rows } = this.plan.plane;
    if (x < 0 || y < 0 || x + width > columns || y + height > rows) {
      throw new ShvqError('BAD_INPUT', 'The symbols are not within the picture');
    }
    const { positionBytes } = this;
    const first = address + (y * columns + x) * positionBytes;
    const addresses = Array.from({ length: height }, (_, i) => first + i * columns * positionBytes);
    return { addresses, bytes: width * positionBytes };
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
    for (const rows of part.run(this.machine, this.coder.expand)) {
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
  codingOf: SymbolCodingOf,
): DecoderEngine {
  return new WasmDecoder(build, module, model, codingOf);
}
