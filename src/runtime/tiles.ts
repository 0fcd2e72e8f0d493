import * as layout from '../../assembly/tile-layout.js';
import { LAMBDA_MAX } from '../entropy/choice.js';
import { LOG2 } from '../entropy/cost.js';
import type { Quantizer } from '../entropy/quantizer.js';
import { LOGISTIC, SCALE_MANTISSA } from '../entropy/tables.js';
import { CONTEXT_TAPS, SCALE_COUNT } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import type { ContextModel, DecoderModel } from '../model/layers.js';
import type { Rect } from './engine.js';
import { packBias, packSparse, packWeights, padLength } from './pack.js';
import { planTiles, type TilePlan } from './tile-plan.js';

/** The kernels that code tiles: assembly/context.ts and assembly/coder.ts. */
export interface TileKernels {
  startDecodingTile(job: number): number;
  startEncodingTile(job: number): void;
  decodeWaves(job: number, waves: number): number;
  encodeWaves(job: number, waves: number): number;
  finishEncoder(job: number): void;
}

/** Where a tile coder works. Addresses are multiples of 16. */
export interface TilePlace {
  /** Start of tileCoderBytes(model, columns, rows) bytes that are the tile coder's alone. */
  readonly address: number;
  /** Largest tile, in latent positions. */
  readonly columns: number;
  readonly rows: number;
  /**
   * The picture's symbols, u8 [picture rows][picture columns][channels], which `decode` writes, or
   * its latent, i16 of the same shape, which `encode` reads.
   */
  readonly plane: number;
  /** Latent columns of the picture. */
  readonly pictureColumns: number;
}

/** Waves a call of the kernels at most. */
const WAVES = 1 << 20;

/** Bytes of memory that a tile coder needs for tiles of at most columns x rows latent positions. */
export function tileCoderBytes(model: DecoderModel, columns: number, rows: number): number {
  return planTiles(model, columns, rows).bytes;
}

/** Weights of a group's hidden layer on a ring row: taps' outputs, then latents of the groups before. */
function hiddenWeights(context: ContextModel, group: number): Int16Array {
  const { hidden, links } = context.groups[group]!;
  const { outputs } = context.hidden;
  const taps = context.taps.outputs;
  const before = group * context.groupSize;
  const length = padLength(taps) + before;
  const out = new Int16Array(outputs * length);
  for (let o = 0; o < outputs; o++) {
    out.set(hidden.weights.subarray(o * taps, (o + 1) * taps), o * length);
    out.set(links.subarray(o * before, (o + 1) * before), o * length + padLength(taps));
  }
  return out;
}

/** [6][outputs][channels] to [outputs][6][channels]. */
function tapWeights({ weights, outputs }: ContextModel['taps']): Int16Array {
  const taps = CONTEXT_TAPS.length;
  const channels = weights.length / taps / outputs;
  const out = new Int16Array(weights.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let o = 0; o < outputs; o++) {
      const from = (tap * outputs + o) * channels;
      out.set(weights.subarray(from, from + channels), (o * taps + tap) * channels);
    }
  }
  return out;
}

/**
 * Codes the tiles of one picture in a part of an instance's memory. What it writes and reads there
 * is bounded by its plan, whatever the payload's bytes are.
 */
export class TileCoder {
  readonly #plan: TilePlan;

  constructor(
    private readonly kernels: TileKernels,
    private readonly memory: WebAssembly.Memory,
    private readonly model: DecoderModel,
    private readonly place: TilePlace,
  ) {
    this.#plan = planTiles(model, place.columns, place.rows);
    this.#writeModel();
    this.#writeTables();
    this.#writeJob();
  }

  #write(offset: number, values: Int16Array | Uint16Array | Int32Array | Uint32Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.memory.buffer).set(bytes, this.place.address + offset);
  }

  #field(offset: number): number {
    const at = this.place.address + this.#plan.job + offset;
    return new DataView(this.memory.buffer).getUint32(at, true);
  }

  #setField(offset: number, value: number): void {
    const at = this.place.address + this.#plan.job + offset;
    new DataView(this.memory.buffer).setUint32(at, value, true);
  }

  #writeModel(): void {
    const { context } = this.model;
    const { groupSize, hidden, taps } = context;
    const plan = this.#plan;
    const channels = this.model.latent.channels;
    this.#write(plan.taps, packSparse(tapWeights(taps), taps.outputs, 6, channels));
    this.#write(plan.tapsBias, packBias(taps.bias));
    context.groups.forEach((group, g) => {
      const at = plan.groups[g]!;
      const inputs = padLength(taps.outputs) + g * groupSize;
      const { parameters } = group;
      this.#write(at.hidden, packWeights(hiddenWeights(context, g), hidden.outputs, 1, inputs));
      this.#write(at.hiddenBias, packBias(group.hidden.bias));
      this.#write(at.parameters, packWeights(parameters.weights, 2 * groupSize, 1, hidden.outputs));
      this.#write(at.parametersBias, packBias(parameters.bias));
    });
    const { address } = this.place;
    this.#write(
      plan.groupTable,
      Uint32Array.from(
        plan.groups.flatMap((at) => [
          address + at.hidden,
          address + at.hiddenBias,
          address + at.parameters,
          address + at.parametersBias,
        ]),
      ),
    );
  }

  #writeTables(): void {
    const logistic = new Uint32Array(2 * 226);
    LOGISTIC.forEach((value, i) => {
      logistic[2 * i] = value;
      logistic[2 * i + 1] = (LOGISTIC[i + 1] ?? value) - value;
    });
    this.#write(this.#plan.logistic, logistic);
    const scales = new Uint32Array(2 * SCALE_COUNT);
    for (let scale = 0; scale < SCALE_COUNT; scale++) {
      scales[2 * scale] = SCALE_MANTISSA[scale & 3]!;
      scales[2 * scale + 1] = 4 + (scale >> 2);
    }
    this.#write(this.#plan.scales, scales);
    this.#write(this.#plan.log2, LOG2);
  }

  #writeJob(): void {
    const { context, latent, centers } = this.model;
    const { groupSize, groups, hidden, parameters, taps } = context;
    const { address } = this.place;
    const plan = this.#plan;
    const fields: [number, number][] = [
      [layout.JOB_CHANNELS, latent.channels],
      [layout.JOB_GROUP_SIZE, groupSize],
      [layout.JOB_GROUPS, groups.length],
      [layout.JOB_SIZE, centers.length],
      [layout.JOB_RING, address + plan.ring],
      [layout.JOB_ROW_BYTES, plan.rowBytes],
      [layout.JOB_SLOT_BYTES, plan.slotBytes],
      [layout.JOB_LATENT, plan.latent],
      [layout.JOB_LIST, plan.list],
      [layout.JOB_HIDDEN, address + plan.hidden],
      [layout.JOB_HIDDEN_BYTES, plan.hiddenBytes],
      [layout.JOB_PARAMETERS, address + plan.parameters],
      [layout.JOB_PARAMETERS_BYTES, plan.parametersBytes],
      [layout.JOB_SEGMENTS, address + plan.segments],
      [layout.JOB_TAPS_WEIGHTS, address + plan.taps],
      [layout.JOB_TAPS_BIAS, address + plan.tapsBias],
      [layout.JOB_TAPS_OUTPUTS, taps.outputs],
      [layout.JOB_TAPS_SHIFT, taps.shift],
      [layout.JOB_TAPS_MAX, taps.max],
      [layout.JOB_HIDDEN_OUTPUTS, hidden.outputs],
      [layout.JOB_HIDDEN_SHIFT, hidden.shift],
      [layout.JOB_HIDDEN_MAX, hidden.max],
      [layout.JOB_PARAMETERS_SHIFT, parameters.shift],
      [layout.JOB_GROUP_TABLE, address + plan.groupTable],
      [layout.JOB_LOGISTIC, address + plan.logistic],
      [layout.JOB_SCALES, address + plan.scales],
      [layout.JOB_LOG2, address + plan.log2],
      [layout.JOB_BOUNDARIES, address + plan.boundaries],
      [layout.JOB_GAINS, address + plan.gains],
      [layout.JOB_VALUES, address + plan.values],
    ];
    for (const [offset, value] of fields) this.#setField(offset, value);
  }

  /** The quantizer of the tiles that follow. */
  setQuality(quantizer: Quantizer): void {
    const { channels, boundaries, gains, logGains, values } = quantizer;
    this.#write(this.#plan.boundaries, boundaries);
    const pairs = new Int32Array(2 * channels);
    for (let c = 0; c < channels; c++) {
      pairs[2 * c] = gains[c]!;
      pairs[2 * c + 1] = logGains[c]!;
    }
    this.#write(this.#plan.gains, pairs);
    this.#write(this.#plan.values, values);
  }

  /** @param sampleBytes Bytes of a channel in the plane. */
  #setTile(tile: Rect, sampleBytes: number): void {
    const { columns, rows, plane, pictureColumns } = this.place;
    if (tile.width > columns || tile.height > rows) {
      throw new ShvqError('BAD_INPUT', 'The tile is larger than the tile coder was made for');
    }
    const position = sampleBytes * this.model.latent.channels;
    this.#setField(layout.JOB_WIDTH, tile.width);
    this.#setField(layout.JOB_HEIGHT, tile.height);
    this.#setField(layout.JOB_PLANE, plane + (tile.y * pictureColumns + tile.x) * position);
    this.#setField(layout.JOB_PLANE_STRIDE, pictureColumns * position);
    const window = this.place.address + this.#plan.window;
    this.#setField(layout.CODER_POSITION, window);
    this.#setField(layout.CODER_END, window + this.#plan.windowBytes);
  }

  /**
   * Decodes the symbols of a tile into the picture's plane.
   *
   * @param tile Latent positions of the picture that the tile covers.
   * @throws ShvqError CORRUPT where the payload cannot be an arithmetic code.
   */
  decode(payload: Uint8Array, tile: Rect): void {
    this.#setTile(tile, 1);
    const job = this.place.address + this.#plan.job;
    let taken = this.#fillWindow(payload, 0, 0);
    if (!this.kernels.startDecodingTile(job)) {
      throw new ShvqError('CORRUPT', 'The arithmetic code is invalid');
    }
    while (!this.kernels.decodeWaves(job, WAVES)) {
      const kept = this.#keepRest();
      taken += this.#fillWindow(payload, taken, kept);
    }
  }

  /** Moves the window's unread bytes to its start. Returns how many they are. */
  #keepRest(): number {
    const start = this.place.address + this.#plan.window;
    const position = this.#field(layout.CODER_POSITION);
    const end = this.#field(layout.CODER_END);
    new Uint8Array(this.memory.buffer).copyWithin(start, position, end);
    this.#setField(layout.CODER_POSITION, start);
    return end - position;
  }

  /** Fills the window behind `kept` bytes from the payload, with zeros after its end. */
  #fillWindow(payload: Uint8Array, taken: number, kept: number): number {
    const start = this.place.address + this.#plan.window;
    const room = this.#plan.windowBytes - kept;
    const window = new Uint8Array(this.memory.buffer, start + kept, room);
    const bytes = payload.subarray(taken, taken + room);
    window.set(bytes);
    window.fill(0, bytes.length);
    return bytes.length;
  }

  /**
   * Encodes a tile of the picture's latent.
   *
   * @param tile Latent positions of the picture that the tile covers.
   * @param lambda Price of a bit in the choice of symbols, 0..LAMBDA_MAX (src/entropy/choice.ts);
   *   0: the nearest centers.
   * @returns The payload.
   */
  encode(tile: Rect, lambda = 0): Uint8Array {
    if (!Number.isInteger(lambda) || lambda < 0 || lambda > LAMBDA_MAX) {
      throw new ShvqError('BAD_INPUT', `lambda must be an integer from 0 to ${LAMBDA_MAX}`);
    }
    this.#setTile(tile, 2);
    this.#setField(layout.JOB_LAMBDA, lambda);
    const job = this.place.address + this.#plan.job;
    const parts: Uint8Array[] = [];
    this.kernels.startEncodingTile(job);
    while (!this.kernels.encodeWaves(job, WAVES)) parts.push(this.#drainWindow());
    parts.push(this.#drainWindow());
    this.kernels.finishEncoder(job);
    parts.push(this.#drainWindow());
    return withoutTrailingZeros(parts);
  }

  /** The bytes that the encoder has written since the last call. */
  #drainWindow(): Uint8Array {
    // Only a run of as many bytes 0xFF as the window has could get here.
    if (this.#field(layout.CODER_OVERFLOW) !== 0) {
      throw new ShvqError('LIMIT', 'The arithmetic encoder ran out of room');
    }
    const start = this.place.address + this.#plan.window;
    const bytes = new Uint8Array(this.memory.buffer).slice(
      start,
      this.#field(layout.CODER_POSITION),
    );
    this.#setField(layout.CODER_POSITION, start);
    return bytes;
  }
}

/** The parts in one; zeros at the end of a payload are implied. */
function withoutTrailingZeros(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let length = 0;
  for (const part of parts) {
    out.set(part, length);
    length += part.length;
  }
  while (length > 0 && out[length - 1] === 0) length--;
  return out.slice(0, length);
}
