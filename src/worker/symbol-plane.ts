import type { Rect } from '../runtime/engine.js';

/** The symbols of a part of a picture, u8 [height][width][channels], filled tile by tile. */
export class SymbolPlane {
  readonly #symbols: Uint8Array;

  /**
   * @param part Latent positions of the picture.
   * @param zero The symbol where no tile has come.
   */
  constructor(
    private readonly part: Rect,
    private readonly channels: number,
    zero: number,
  ) {
    this.#symbols = new Uint8Array(part.width * part.height * channels).fill(zero);
  }

  get bytes(): number {
    return this.#symbols.length;
  }

  /** The bytes of a row of a rectangle within the part. */
  #row({ x, y, width }: Rect, row: number): Uint8Array {
    const { channels, part } = this;
    const from = ((y - part.y + row) * part.width + x - part.x) * channels;
    return this.#symbols.subarray(from, from + width * channels);
  }

  set(tile: Rect, symbols: Uint8Array): void {
    const bytes = tile.width * this.channels;
    for (let i = 0; i < tile.height; i++) {
      this.#row(tile, i).set(symbols.subarray(i * bytes, (i + 1) * bytes));
    }
  }

  /** A copy of a rectangle. */
  get(rect: Rect): Uint8Array<ArrayBuffer> {
    const bytes = rect.width * this.channels;
    const out = new Uint8Array(rect.height * bytes);
    for (let i = 0; i < rect.height; i++) out.set(this.#row(rect, i), i * bytes);
    return out;
  }
}
