import { flatPrices, type Prices } from '../../src/entropy/choice.js';
import { type Quantizer, quantizerAt } from '../../src/entropy/quantizer.js';
import type { ScalarModel } from '../../src/model/layers.js';
import { Machine } from '../../src/runtime/machine.js';
import { Plan } from '../../src/runtime/plan.js';
import { TileModel } from '../../src/runtime/tile-model.js';
import { TileWorkspace } from '../../src/runtime/tile-workspace.js';
import { type EncodePlanes, TileWriter } from '../../src/runtime/tile-writer.js';
import type { Random } from './random.js';

/** A tile coder with a memory of its own, whose planes lie between guard bytes. */
export class TileBench {
  readonly quantizer: Quantizer;
  readonly #coder: TileWriter;
  readonly #machine: Machine;
  readonly #planes: EncodePlanes;
  readonly #first: number;
  readonly #end: number;

  constructor(
    module: WebAssembly.Module,
    private readonly model: ScalarModel,
    private readonly width: number,
    private readonly height: number,
    quality: number,
  ) {
    const plan = new Plan();
    const tileModel = new TileModel(plan, model);
    const workspace = new TileWorkspace(plan, model, width, height);
    const { channels } = model.latent;
    this.#first = plan.take(GUARD);
    this.#planes = {
      symbols: plan.take(width * height * channels),
      prices: plan.take(4 * width * height),
      priceFactors: plan.take(4 * channels),
      latent: plan.take(2 * width * height * channels),
    };
    this.#end = plan.end;
    plan.take(GUARD);
    this.#machine = new Machine(module, plan.end);
    for (const guard of this.#guards) guard.fill(GUARD_BYTE);
    tileModel.load(this.#machine);
    this.#coder = new TileWriter(this.#machine, tileModel, workspace);
    this.quantizer = quantizerAt(model, quality);
    this.#coder.setQuality(this.quantizer);
  }

  get #guards(): Uint8Array[] {
    return [this.#first, this.#end].map((address) => this.#machine.bytes(address, GUARD));
  }

  /** Symbols [height][width][channels] of a payload. */
  decode(payload: Uint8Array): Uint8Array {
    const { height, width } = this;
    const plane = { address: this.#planes.symbols, columns: width };
    this.#coder.decode(payload, { x: 0, y: 0, width, height }, plane);
    return this.#symbols(width * height);
  }

  /** Payload of a latent [height][width][channels]; without prices, of the nearest centers. */
  encode(
    latent: Int16Array,
    prices?: Prices,
    width: number = this.width,
    height: number = this.height,
  ): Uint8Array {
    const { channels } = this.model.latent;
    const { positions, channels: factors } = prices ?? flatPrices(0, width * height, channels);
    this.#machine.write(this.#planes.latent, latent);
    this.#machine.write(this.#planes.prices, positions);
    this.#machine.write(this.#planes.priceFactors, factors);
    return this.#coder.encode(width, height, this.#planes);
  }

  /** Whether nothing was written beside the planes. */
  get guarded(): boolean {
    return this.#guards.every((guard) => guard.every((byte) => byte === GUARD_BYTE));
  }

  #symbols(positions: number): Uint8Array {
    const { channels } = this.model.latent;
    return this.#machine.bytes(this.#planes.symbols, positions * channels).slice();
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
