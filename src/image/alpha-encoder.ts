import { BitWriter } from '../entropy/bit-writer.js';
import { RangeEncoder } from '../entropy/range-encoder.js';
import { AlphaRows, CONTEXTS, OPAQUE } from './alpha.js';

/** Whether every pixel of RGBA bytes is opaque. */
export function isOpaque(rgba: Uint8Array | Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== OPAQUE) return false;
  return true;
}

/** Codes alpha row by row. */
export class AlphaEncoder {
  readonly #coder = new RangeEncoder();
  readonly #rows: AlphaRows;
  #free: Uint8Array;

  constructor(private readonly width: number) {
    this.#rows = new AlphaRows(new BitWriter(this.#coder, CONTEXTS), width);
    this.#free = new Uint8Array(width);
  }

  /** @param rgba The next row, [width][4]. */
  write(rgba: Uint8Array | Uint8ClampedArray): void {
    const row = this.#free;
    for (let x = 0; x < this.width; x++) row[x] = rgba[4 * x + 3]!;
    this.#free = this.#rows.code(row);
  }

  /** The payload of the alpha chunk. */
  finish(): Uint8Array {
    return this.#coder.finish();
  }
}
