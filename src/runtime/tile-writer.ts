import * as layout from '../../assembly/tile-layout.js';
import { LOG2 } from '../entropy/cost.js';
import { ShvqError } from '../format/errors.js';
import { concatenate } from '../image/bytes.js';
import type { Machine } from './machine.js';
import type { TileModel } from './tile-model.js';
import type { TileWorkspace } from './tile-workspace.js';
import { TileCoder } from './tiles.js';

/** Addresses of what `encode` reads and writes of a tile. */
export interface EncodePlanes {
  /** The latent, i16 [height][width][channels]. */
  readonly latent: number;
  /** i32 [height][width]: price of a bit at a position (src/entropy/choice.ts). */
  readonly prices: number;
  /** i32 [channels]: factors of the prices, units of 2^-8. */
  readonly priceFactors: number;
  /** u8 [height][width][channels], written. */
  readonly symbols: number;
}

/** Codes tiles in both directions: what encoders use, and decoders do without. */
export class TileWriter extends TileCoder {
  constructor(machine: Machine, tileModel: TileModel, workspace: TileWorkspace) {
    super(machine, tileModel, workspace);
    machine.write(tileModel.log2, Int16Array.from(LOG2));
  }

  /**
   * Encodes a tile.
   *
   * @param width, height Latent positions of the tile, of which the planes have no more.
   * @returns The payload.
   */
  encode(width: number, height: number, planes: EncodePlanes): Uint8Array {
    const { channels } = this.tileModel.model.latent;
    this.setTile({ x: 0, y: 0, width, height }, { address: planes.latent, columns: width }, 2);
    this.setField(layout.JOB_PRICES, planes.prices);
    this.setField(layout.JOB_PRICE_STRIDE, 4 * width);
    this.setField(layout.JOB_PRICE_FACTORS, planes.priceFactors);
    this.setField(layout.JOB_SYMBOLS, planes.symbols);
    this.setField(layout.JOB_SYMBOL_STRIDE, channels * width);
    const { kernels } = this.machine;
    const { job } = this.workspace;
    const parts: Uint8Array[] = [];
    kernels.startEncodingTile(job);
    while (!kernels.encodeWaves(job)) parts.push(this.#drainWindow());
    parts.push(this.#drainWindow());
    kernels.finishEncoder(job);
    parts.push(this.#drainWindow());
    return withoutTrailingZeros(parts);
  }

  /** The bytes that the encoder has written since the last call. */
  #drainWindow(): Uint8Array {
    // Only a run of as many bytes 0xFF as the window has could get here.
    if (this.field(layout.CODER_OVERFLOW) !== 0) {
      throw new ShvqError('LIMIT', 'The arithmetic encoder ran out of room');
    }
    const { window } = this.workspace;
    const written = this.field(layout.CODER_POSITION) - window;
    this.setField(layout.CODER_POSITION, window);
    return this.machine.bytes(window, written).slice();
  }
}

/** The parts in one; zeros at the end of a payload are implied. */
function withoutTrailingZeros(parts: readonly Uint8Array[]): Uint8Array {
  const out = concatenate(parts);
  let { length } = out;
  while (length > 0 && out[length - 1] === 0) length--;
  return out.slice(0, length);
}
