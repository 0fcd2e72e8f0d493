import { ShvqError } from '../format/errors.js';
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import { cropped, type Tensor } from '../reference/tensor.js';
import type { SearchPlan } from '../search/effort.js';
import { Analysis, type LatentPlane, type PictureAnalysis } from './analysis.js';
import type { EncoderEngine, PictureEncoder, PictureSource, Rect } from './engine.js';
import { Machine } from './machine.js';
import { Plan } from './plan.js';
import type {
  AnalyzedPicture,
  TileEncoder,
  TileEncoding,
  TileEncodingOf,
  TileEncodingPlan,
} from './tile-encoding.js';

/** Where a picture's latent lies, its analysis, and what coding its tiles needs. */
interface PicturePlan {
  readonly plane: LatentPlane;
  readonly coding: TileEncodingPlan;
  readonly analysis: PictureAnalysis;
  readonly end: number;
}

/** Whose turn it is: all that the engine keeps of a picture. */
interface Session {
  isOpen: boolean;
}

/** Encodes in WebAssembly, one picture after the other in the memory of one instance. */
class WasmEncoder implements EncoderEngine {
  readonly #coding: TileEncoding;
  readonly #analysis: Analysis;
  /** The end of what stays from picture to picture. */
  readonly #start: number;
  #machine: Machine | undefined;
  #session: Session = { isOpen: false };

  constructor(
    readonly build: 'simd' | 'plain',
    private readonly module: WebAssembly.Module,
    readonly decoder: DecoderModel,
    readonly encoder: EncoderModel,
    codingOf: TileEncodingOf,
  ) {
    const plan = new Plan();
    this.#coding = codingOf(plan);
    this.#analysis = new Analysis(plan, encoder);
    this.#start = plan.end;
  }

  #plan(width: number, height: number): PicturePlan {
    const { channels, stride } = this.encoder.latent;
    const plan = new Plan(this.#start);
    const columns = Math.ceil(width / stride);
    const rows = Math.ceil(height / stride);
    const plane = { address: plan.take(2 * columns * rows * channels), columns, rows };
    const coding = this.#coding.plan(plan, columns, rows);
    const analysis = this.#analysis.picture(plan, plane, width);
    return { plane, coding, analysis, end: plan.end };
  }

  workspace(width: number, height: number, tileSize: number, search: SearchPlan): number {
    const { coding, end } = this.#plan(width, height);
    return end + coding.hostBytes(tileSize / this.encoder.latent.stride, search);
  }

  /** Ends the picture that was open before. */
  open(source: PictureSource): PictureEncoder {
    const plan = this.#plan(source.width, source.height);
    if (this.#machine) {
      this.#machine.reserve(plan.end);
    } else {
      this.#machine = new Machine(this.module, plan.end);
      this.#coding.load(this.#machine);
      this.#analysis.load(this.#machine);
    }
    const { channels } = this.encoder.latent;
    this.#session.isOpen = false;
    this.#session = { isOpen: true };
    return new WasmPictureEncoder(this.#machine, plan, channels, source, this.#session);
  }
}

class WasmPictureEncoder implements PictureEncoder, AnalyzedPicture {
  readonly #coder: TileEncoder;

  constructor(
    private readonly machine: Machine,
    private readonly plan: PicturePlan,
    private readonly channels: number,
    readonly source: PictureSource,
    private readonly session: Session,
  ) {
    this.#coder = plan.coding.open(machine, this);
  }

  assertOpen(): void {
    if (this.session.isOpen) return;
    throw new ShvqError('BAD_INPUT', 'Another picture has been opened in this memory');
  }

  close(): void {
    this.session.isOpen = false;
  }

  *analyze(): Generator<number> {
    this.assertOpen();
    for (const done of this.plan.analysis.run(this.machine, this.source)) {
      yield done;
      this.assertOpen();
    }
  }

  latent(part: Rect): Tensor {
    this.assertOpen();
    const { channels } = this;
    const { address, columns, rows } = this.plan.plane;
    const data = new Int16Array(this.machine.memory.buffer, address, columns * rows * channels);
    return cropped({ width: columns, height: rows, channels, data }, part);
  }

  encodeTile(tile: Rect, quality: number, plan: SearchPlan): Generator<number, Uint8Array> {
    return this.#coder.encodeTile(tile, quality, plan);
  }
}

/**
 * An encoder on a build of the kernels. One picture is open at a time: opening one ends the other.
 *
 * @throws ShvqError BAD_INPUT, ENVIRONMENT when a picture is opened
 */
export function wasmEncoder(
  build: 'simd' | 'plain',
  module: WebAssembly.Module,
  decoder: DecoderModel,
  encoder: EncoderModel,
  codingOf: TileEncodingOf,
): EncoderEngine {
  return new WasmEncoder(build, module, decoder, encoder, codingOf);
}
