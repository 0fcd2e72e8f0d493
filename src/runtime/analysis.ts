import type { EncoderModel } from '../model/layers.js';
import { Chain } from './chain.js';
import type { PictureSource } from './engine.js';
import type { Machine } from './machine.js';
import type { Plan } from './plan.js';
import type { RowSink } from './stages.js';

/** Where a picture's latent goes: i16 [rows][columns][channels]. */
export interface LatentPlane {
  readonly address: number;
  readonly columns: number;
  readonly rows: number;
}

/**
 * One list's rows of the latent. Of the two lists' rows, the one that comes first is stored and the
 * other is added to it, saturating.
 */
class LatentRows implements RowSink {
  readonly stride: number;
  readonly #scratch: number;
  /** The other list's rows. */
  other: LatentRows | undefined;
  #count = 0;
  #machine: Machine | undefined;

  constructor(
    plan: Plan,
    private readonly plane: LatentPlane,
    private readonly channels: number,
  ) {
    this.stride = 2 * channels;
    this.#scratch = plan.take(plane.columns * this.stride);
  }

  begin(machine: Machine): void {
    this.#machine = machine;
    this.#count = 0;
  }

  get #isSecond(): boolean {
    return this.#count < this.other!.#count;
  }

  get #home(): number {
    return this.plane.address + this.#count * this.plane.columns * this.stride;
  }

  target(): number {
    return this.#isSecond ? this.#scratch : this.#home;
  }

  commit(): void {
    if (this.#isSecond) {
      const values = this.plane.columns * this.channels;
      this.#machine!.kernels.addRow(this.#scratch, this.#home, values, -32768, 32767);
    }
    this.#count++;
  }

  finish(): void {}
}

/** The analysis transform of a model: packed weights and a place for them. */
export class Analysis {
  readonly #trunk: Chain;
  readonly #shortcut: Chain;

  /** @param plan Gives out the places that are the same for all pictures. */
  constructor(
    plan: Plan,
    private readonly model: EncoderModel,
  ) {
    this.#trunk = new Chain(plan, model.analysis.trunk, false);
    this.#shortcut = new Chain(plan, model.analysis.shortcut, false);
  }

  /** Writes the weights. */
  load(machine: Machine): void {
    this.#trunk.load(machine);
    this.#shortcut.load(machine);
  }

  /** Plans the analysis of a picture of `width` pixels; the plan gives out the workspace. */
  picture(plan: Plan, plane: LatentPlane, width: number): PictureAnalysis {
    const { channels, stride } = this.model.latent;
    const trunkRows = new LatentRows(plan, plane, channels);
    const shortcutRows = new LatentRows(plan, plane, channels);
    trunkRows.other = shortcutRows;
    shortcutRows.other = trunkRows;
    const shape = { width: plane.columns * stride, channels: 3 };
    const trunk = this.#trunk.stages(plan, shape, trunkRows);
    const shortcut = this.#shortcut.stages(plan, shape, shortcutRows);
    return new PictureAnalysis(plan, [trunk, shortcut], shape.width, width, stride);
  }
}

/** The planned analysis of a picture. */
export class PictureAnalysis {
  readonly #row: number;

  constructor(
    plan: Plan,
    private readonly lists: readonly RowSink[],
    private readonly paddedWidth: number,
    width: number,
    private readonly stride: number,
  ) {
    this.#row = plan.take(4 * width);
  }

  /** Runs it into the plane; yields the part that is done, 0..1, after each row of the latent. */
  *run(machine: Machine, { data, step, width, height }: PictureSource): Generator<number> {
    const { stride } = this;
    const rows = Math.ceil(height / stride);
    for (const list of this.lists) list.begin(machine);
    for (let row = 0; row < rows; row++) {
      for (let y = row * stride; y < (row + 1) * stride; y++) {
        const from = Math.min(y, height - 1) * width * step;
        machine.write(this.#row, data.subarray(from, from + width * step));
        for (const list of this.lists) {
          machine.kernels.readPixels(this.#row, step, width, list.target(), this.paddedWidth);
          list.commit();
        }
      }
      yield row / rows;
    }
    for (const list of this.lists) list.finish();
    yield 1;
  }
}
