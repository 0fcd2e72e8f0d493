import { type Quantizer, quantizerAt } from '../../src/entropy/quantizer.js';
import type { DecoderModel } from '../../src/model/layers.js';
import { TileCoder, type TileKernels, tileCoderBytes } from '../../src/runtime/tiles.js';
import type { Random } from './random.js';

/** A tile coder with a memory of its own and a plane of one tile, surrounded by guard bytes. */
export class TileBench {
  readonly coder: TileCoder;
  readonly quantizer: Quantizer;
  readonly #memory: WebAssembly.Memory;
  readonly #plane: number;
  readonly #planeBytes: number;
  readonly #end: number;

  constructor(
    module: WebAssembly.Module,
    private readonly model: DecoderModel,
    private readonly width: number,
    private readonly height: number,
    quality: number,
  ) {
    const address = 1 << 16;
    const bytes = tileCoderBytes(model, width, height);
    this.#plane = address + bytes + GUARD;
    this.#planeBytes = 2 * width * height * model.latent.channels;
    this.#end = this.#plane + this.#planeBytes + GUARD;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(this.#end / 65536) });
    const view = new Uint8Array(this.#memory.buffer);
    view.fill(GUARD_BYTE, address + bytes, this.#plane);
    view.fill(GUARD_BYTE, this.#plane + this.#planeBytes, this.#end);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.coder = new TileCoder(exports as unknown as TileKernels, this.#memory, model, {
      address,
      columns: width,
      rows: height,
      plane: this.#plane,
      pictureColumns: width,
    });
    this.quantizer = quantizerAt(model, quality);
    this.coder.setQuality(this.quantizer);
  }

  /** Symbols [height][width][channels] of a payload. */
  decode(payload: Uint8Array): Uint8Array {
    const { width, height } = this;
    this.coder.decode(payload, { x: 0, y: 0, width, height });
    return new Uint8Array(this.#memory.buffer).slice(
      this.#plane,
      this.#plane + width * height * this.model.latent.channels,
    );
  }

  /** Payload of a latent [height][width][channels]. */
  encode(latent: Int16Array, lambda = 0): Uint8Array {
    const { width, height } = this;
    new Int16Array(this.#memory.buffer, this.#plane, latent.length).set(latent);
    return this.coder.encode({ x: 0, y: 0, width, height }, lambda);
  }

  /** Whether nothing was written beside the plane. */
  get guarded(): boolean {
    const view = new Uint8Array(this.#memory.buffer);
    const isGuard = (byte: number) => byte === GUARD_BYTE;
    return (
      view.subarray(this.#plane - GUARD, this.#plane).every(isGuard) &&
      view.subarray(this.#plane + this.#planeBytes, this.#end).every(isGuard)
    );
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
