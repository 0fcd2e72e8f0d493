import { type Quantizer, quantizerAt } from '../../src/entropy/quantizer.js';
import type { DecoderModel } from '../../src/model/layers.js';
import { Machine } from '../../src/runtime/machine.js';
import { Plan } from '../../src/runtime/plan.js';
import { TileModel } from '../../src/runtime/tile-model.js';
import { TileWorkspace } from '../../src/runtime/tile-workspace.js';
import { TileCoder } from '../../src/runtime/tiles.js';
import type { Random } from './random.js';

/** A tile coder with a memory of its own and a plane of one tile between guard bytes. */
export class TileBench {
  readonly coder: TileCoder;
  readonly quantizer: Quantizer;
  readonly #machine: Machine;
  readonly #plane: number;
  readonly #planeBytes: number;

  constructor(
    module: WebAssembly.Module,
    private readonly model: DecoderModel,
    private readonly width: number,
    private readonly height: number,
    quality: number,
  ) {
    const plan = new Plan();
    const tileModel = new TileModel(plan, model);
    const workspace = new TileWorkspace(plan, model, width, height);
    this.#planeBytes = 2 * width * height * model.latent.channels;
    this.#plane = plan.take(this.#planeBytes + 2 * GUARD) + GUARD;
    this.#machine = new Machine(module, plan.end);
    this.#machine.bytes(this.#plane - GUARD, GUARD).fill(GUARD_BYTE);
    this.#machine.bytes(this.#plane + this.#planeBytes, GUARD).fill(GUARD_BYTE);
    tileModel.load(this.#machine);
    const plane = { address: this.#plane, columns: width };
    this.coder = new TileCoder(this.#machine, tileModel, workspace, plane);
    this.quantizer = quantizerAt(model, quality);
    this.coder.setQuality(this.quantizer);
  }

  /** Symbols [height][width][channels] of a payload. */
  decode(payload: Uint8Array): Uint8Array {
    const { width, height } = this;
    this.coder.decode(payload, { x: 0, y: 0, width, height });
    return this.#machine.bytes(this.#plane, width * height * this.model.latent.channels).slice();
  }

  /** Payload of a latent [height][width][channels]. */
  encode(latent: Int16Array, lambda = 0): Uint8Array {
    const { width, height } = this;
    this.#machine.write(this.#plane, latent);
    return this.coder.encode({ x: 0, y: 0, width, height }, lambda);
  }

  /** Whether nothing was written beside the plane. */
  get guarded(): boolean {
    const before = this.#machine.bytes(this.#plane - GUARD, GUARD);
    const behind = this.#machine.bytes(this.#plane + this.#planeBytes, GUARD);
    return [...before, ...behind].every((byte) => byte === GUARD_BYTE);
  }
}

const GUARD = 256;
const GUARD_BYTE = 0xa5;

/**
 * A latent [positions][channels] as sparse as trained ones: the deviation in units of the
 * quantizer falls from `deviation` in the first channel to a tenth of it in the last.
 */
export function sparseLatent(
  random: Random,
  quantizer: Quantizer,
  positions: number,
  deviation: number,
): Int16Array {
  const { channels, gains } = quantizer;
  return Int16Array.from({ length: positions * channels }, (_, i) => {
    const channel = i % channels;
    const scale = deviation * 0.1 ** (channel / channels);
    const z = random.normal() * scale * 1024;
    return Math.max(-32768, Math.min(32767, Math.round((z * 256) / gains[channel]!)));
  });
}
