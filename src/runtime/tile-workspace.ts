import {
  CELL_BYTES,
  JOB_BYTES,
  MARGIN_ROWS,
  MODES,
  SYMBOL_BYTES_MAX,
  WAVES_KEPT,
} from '../../assembly/tile-layout.js';
import { CONTEXT_TAPS } from '../format/constants.js';
import type { ScalarModel } from '../model/layers.js';
import { padLength } from './pack.js';
import type { Plan } from './plan.js';

/** What coding the tiles of a picture needs beside the model: addresses and sizes in bytes. */
export class TileWorkspace {
  readonly job: number;
  readonly segments: number;
  readonly boundaries: number;
  /** The cells that are tried first, then the kernels' notes on the symbols of a group. */
  readonly modes: number;
  readonly gains: number;
  readonly values: number;
  /** The last waves. A row: the taps' outputs, the latent, the list of its pairs that are not zero. */
  readonly ring: number;
  readonly rowBytes: number;
  readonly slotBytes: number;
  /** Offset of the latent in a row of the ring. */
  readonly latent: number;
  /** Offset of the list in a row of the ring. */
  readonly list: number;
  readonly hidden: number;
  readonly hiddenBytes: number;
  readonly parameters: number;
  readonly parametersBytes: number;
  /** The window through which payloads pass. */
  readonly window: number;
  readonly windowBytes: number;

  /**
   * @param plan Gives out the memory.
   * @param columns, rows The largest tile, in latent positions.
   */
  constructor(
    plan: Plan,
    model: ScalarModel,
    readonly columns: number,
    readonly rows: number,
  ) {
    const { centers, context, latent } = model;
    const { channels } = latent;
    this.latent = 2 * padLength(context.taps.outputs);
    this.list = this.latent + 2 * padLength(channels);
    // A count and as many offsets as there are pairs; rows stay aligned to 4.
    this.rowBytes = this.list + 4 * Math.ceil((2 + padLength(channels)) / 4);
    this.slotBytes = (rows + 2 * MARGIN_ROWS) * this.rowBytes;
    this.hiddenBytes = 2 * padLength(context.hidden.outputs);
    this.parametersBytes = 2 * 2 * context.groupSize;
    const waveRows = Math.min(rows, Math.ceil(columns / 2));
    // Twice what a wave may need, so that the host does not come back after every wave.
    this.windowBytes = 2 * waveRows * channels * SYMBOL_BYTES_MAX + 64;
    this.job = plan.take(JOB_BYTES);
    this.segments = plan.take(8 * CONTEXT_TAPS.length);
    this.boundaries = plan.take(4 * (centers.length - 1));
    this.modes = plan.take(MODES + CELL_BYTES * context.groupSize);
    this.gains = plan.take(8 * channels);
    this.values = plan.take(2 * channels * centers.length);
    this.ring = plan.take(WAVES_KEPT * this.slotBytes);
    this.hidden = plan.take(waveRows * this.hiddenBytes);
    this.parameters = plan.take(waveRows * this.parametersBytes);
    this.window = plan.take(this.windowBytes);
  }
}
