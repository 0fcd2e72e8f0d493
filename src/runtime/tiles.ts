import * as layout from '../../assembly/tile-layout.js';
import type { Quantizer } from '../entropy/quantizer.js';
import { ShvqError } from '../format/errors.js';
import type { Rect } from './engine.js';
import type { Machine } from './machine.js';
import type { TileModel } from './tile-model.js';
import type { TileWorkspace } from './tile-workspace.js';

/** The kernels that code tiles: assembly/context.ts and assembly/coder.ts. */
export interface TileKernels {
  startDecodingTile(job: number): number;
  startEncodingTile(job: number): void;
  decodeWaves(job: number): number;
  encodeWaves(job: number): number;
  finishEncoder(job: number): void;
}

/** Values of a picture, [rows][columns][channels]. */
export interface TilePlane {
  /** The first one's. */
  readonly address: number;
  /** Latent columns. */
  readonly columns: number;
}

/** The cells of means, one of a step, but for the outermost ones: modeIndex in the kernels. */
function modesOf(boundaries: Int32Array): Uint8Array {
  let k = 1;
  return Uint8Array.from({ length: layout.MODES }, (_, i) => {
    const mean = (i - layout.MODES / 2 + 0.5) * 2 ** layout.MODE_SHIFT;
    while (k < boundaries.length - 1 && boundaries[k]! <= mean) k++;
    return k;
  });
}

/**
 * Decodes the tiles of one picture in a part of an instance's memory. What it writes and reads there
 * is bounded by its plan, whatever the payload's bytes are.
 */
export class TileCoder {
  constructor(
    protected readonly machine: Machine,
    protected readonly tileModel: TileModel,
    protected readonly workspace: TileWorkspace,
  ) {
    const { centers, context, latent } = tileModel.model;
    const { groupSize, groups, hidden, parameters, taps } = context;
    const fields: [number, number][] = [
      [layout.JOB_CHANNELS, latent.channels],
      [layout.JOB_GROUP_SIZE, groupSize],
      [layout.JOB_GROUPS, groups.length],
      [layout.JOB_SIZE, centers.length],
      [layout.JOB_RING, workspace.ring],
      [layout.JOB_ROW_BYTES, workspace.rowBytes],
      [layout.JOB_SLOT_BYTES, workspace.slotBytes],
      [layout.JOB_LATENT, workspace.latent],
      [layout.JOB_LIST, workspace.list],
      [layout.JOB_HIDDEN, workspace.hidden],
      [layout.JOB_HIDDEN_BYTES, workspace.hiddenBytes],
      [layout.JOB_PARAMETERS, workspace.parameters],
      [layout.JOB_PARAMETERS_BYTES, workspace.parametersBytes],
      [layout.JOB_SEGMENTS, workspace.segments],
      [layout.JOB_TAPS_WEIGHTS, tileModel.taps],
      [layout.JOB_TAPS_BIAS, tileModel.tapsBias],
      [layout.JOB_TAPS_OUTPUTS, taps.outputs],
      [layout.JOB_TAPS_SHIFT, taps.shift],
      [layout.JOB_TAPS_MAX, taps.max],
      [layout.JOB_HIDDEN_OUTPUTS, hidden.outputs],
      [layout.JOB_HIDDEN_SHIFT, hidden.shift],
      [layout.JOB_HIDDEN_MAX, hidden.max],
      [layout.JOB_PARAMETERS_SHIFT, parameters.shift],
      [layout.JOB_GROUP_TABLE, tileModel.groupTable],
      [layout.JOB_LOGISTIC, tileModel.logistic],
      [layout.JOB_SCALES, tileModel.scales],
      [layout.JOB_LOG2, tileModel.log2],
      [layout.JOB_CENTERS, tileModel.centers],
      [layout.JOB_BOUNDARIES, workspace.boundaries],
      [layout.JOB_MODES, workspace.modes],
      [layout.JOB_GAINS, workspace.gains],
      [layout.JOB_VALUES, workspace.values],
    ];
    for (const [offset, value] of fields) this.setField(offset, value);
  }

  protected field(offset: number): number {
    return new DataView(this.machine.memory.buffer).getUint32(this.workspace.job + offset, true);
  }

  protected setField(offset: number, value: number): void {
    new DataView(this.machine.memory.buffer).setUint32(this.workspace.job + offset, value, true);
  }

  /** The quantizer of the tiles that follow. */
  setQuality(quantizer: Quantizer): void {
    const { channels, boundaries, gains, logGains, values } = quantizer;
    const { machine, workspace } = this;
    machine.write(workspace.boundaries, boundaries);
    machine.write(workspace.modes, modesOf(boundaries));
    const pairs = new Int32Array(2 * channels);
    for (let c = 0; c < channels; c++) {
      pairs[2 * c] = gains[c]!;
      pairs[2 * c + 1] = logGains[c]!;
    }
    machine.write(workspace.gains, pairs);
    machine.write(workspace.values, values);
  }

  /** @param sampleBytes Bytes of a channel in the plane. */
  protected setTile(tile: Rect, plane: TilePlane, sampleBytes: number): void {
    const { columns, rows, window, windowBytes } = this.workspace;
    if (tile.width > columns || tile.height > rows) {
      throw new ShvqError('BAD_INPUT', 'The tile is larger than the tile coder was made for');
    }
    const position = sampleBytes * this.tileModel.model.latent.channels;
    const stride = plane.columns * position;
    const address = plane.address + tile.y * stride + tile.x * position;
    this.setField(layout.JOB_WIDTH, tile.width);
    this.setField(layout.JOB_HEIGHT, tile.height);
    this.setField(layout.JOB_PLANE, address);
    this.setField(layout.JOB_PLANE_STRIDE, stride);
    this.setField(layout.CODER_POSITION, window);
    this.setField(layout.CODER_END, window + windowBytes);
  }

  /**
   * Decodes the symbols of a tile into the picture's plane of symbols.
   *
   * @param tile Latent positions of the picture that the tile covers.
   * @throws ShvqError CORRUPT where the payload cannot be an arithmetic code.
   */
  decode(payload: Uint8Array, tile: Rect, plane: TilePlane): void {
    this.setTile(tile, plane, 1);
    const { kernels } = this.machine;
    const { job } = this.workspace;
    let taken = this.#fillWindow(payload, 0, 0);
    if (!kernels.startDecodingTile(job)) {
      throw new ShvqError('CORRUPT', 'The arithmetic code is invalid');
    }
    while (!kernels.decodeWaves(job)) {
      const kept = this.#keepRest();
      taken += this.#fillWindow(payload, taken, kept);
    }
  }

  /** Moves the window's unread bytes to its start. Returns how many they are. */
  #keepRest(): number {
    const { window, windowBytes } = this.workspace;
    const read = this.field(layout.CODER_POSITION) - window;
    this.machine.bytes(window, windowBytes).copyWithin(0, read);
    this.setField(layout.CODER_POSITION, window);
    return windowBytes - read;
  }

  /** Fills the window behind `kept` bytes from the payload, with zeros after its end. */
  #fillWindow(payload: Uint8Array, taken: number, kept: number): number {
    const { window, windowBytes } = this.workspace;
    const room = this.machine.bytes(window + kept, windowBytes - kept);
    const bytes = payload.subarray(taken, taken + room.length);
    room.set(bytes);
    room.fill(0, bytes.length);
    return bytes.length;
  }
}
