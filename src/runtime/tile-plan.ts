import {
  GROUP_BYTES,
  JOB_BYTES,
  MARGIN_ROWS,
  SYMBOL_BYTES_MAX,
  WAVES_KEPT,
} from '../../assembly/tile-layout.js';
import { SCALE_COUNT } from '../format/constants.js';
import type { DecoderModel } from '../model/layers.js';
import { packedBytes, padLength, padOutputs } from './pack.js';

/** Where the tile kernels' data lies: byte offsets from the start of the tile coder's memory. */
export interface TilePlan {
  readonly job: number;
  readonly segments: number;
  readonly groupTable: number;
  /** A group's hidden layer and links, then its parameters layer: weights and bias of each. */
  readonly groups: readonly {
    readonly hidden: number;
    readonly hiddenBias: number;
    readonly parameters: number;
    readonly parametersBias: number;
  }[];
  readonly taps: number;
  readonly tapsBias: number;
  readonly logistic: number;
  readonly scales: number;
  readonly log2: number;
  readonly boundaries: number;
  readonly gains: number;
  readonly values: number;
  readonly ring: number;
  readonly hidden: number;
  readonly parameters: number;
  readonly window: number;
  /** Bytes of a row of the ring, of the hidden and of the parameters matrix. */
  readonly rowBytes: number;
  readonly hiddenBytes: number;
  readonly parametersBytes: number;
  /** Offset of the latent in a row of the ring. */
  readonly latent: number;
  /** Offset of the list of the latent's pairs that are not zero. */
  readonly list: number;
  /** Bytes of a wave in the ring. */
  readonly slotBytes: number;
  /** Bytes of the window through which the payload passes. */
  readonly windowBytes: number;
  /** Bytes in all. */
  readonly bytes: number;
}

/** Vectors of 16 bytes do not straddle cache lines. */
const ALIGNMENT = 16;

/** The memory of tiles of at most `columns` x `rows` latent positions. */
export function planTiles(model: DecoderModel, columns: number, rows: number): TilePlan {
  const { context, centers } = model;
  const { channels } = model.latent;
  const { groupSize, taps, hidden } = context;
  let bytes = 0;
  const take = (size: number): number => {
    const at = bytes;
    bytes += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const latent = 2 * padLength(taps.outputs);
  const list = latent + 2 * padLength(channels);
  // A count and as many offsets as there are pairs; values and lists of a row start aligned to 4.
  const rowBytes = list + 4 * Math.ceil((2 + padLength(channels)) / 4);
  const slotBytes = (rows + 2 * MARGIN_ROWS) * rowBytes;
  const hiddenBytes = 2 * padLength(hidden.outputs);
  const parametersBytes = 2 * 2 * groupSize;
  const waveRows = Math.min(rows, Math.ceil(columns / 2));
  // Twice what a wave may need, so that the host does not come back after every wave.
  const windowBytes = 2 * waveRows * channels * SYMBOL_BYTES_MAX + 64;
  return {
    job: take(JOB_BYTES),
    segments: take(8 * 6),
    groupTable: take(context.groups.length * GROUP_BYTES),
    groups: context.groups.map((_, g) => ({
      hidden: take(packedBytes(hidden.outputs, 1, padLength(taps.outputs) + g * groupSize)),
      hiddenBias: take(4 * padOutputs(hidden.outputs)),
      parameters: take(packedBytes(2 * groupSize, 1, hidden.outputs)),
      parametersBias: take(4 * padOutputs(2 * groupSize)),
    })),
    taps: take(packedBytes(taps.outputs, 6, channels)),
    tapsBias: take(4 * padOutputs(taps.outputs)),
    logistic: take(8 * 226),
    scales: take(8 * SCALE_COUNT),
    log2: take(2 * 256),
    boundaries: take(4 * (centers.length - 1)),
    gains: take(8 * channels),
    values: take(2 * channels * centers.length),
    ring: take(WAVES_KEPT * slotBytes),
    hidden: take(waveRows * hiddenBytes),
    parameters: take(waveRows * parametersBytes),
    window: take(windowBytes),
    rowBytes,
    hiddenBytes,
    parametersBytes,
    latent,
    list,
    slotBytes,
    windowBytes,
    bytes,
  };
}
