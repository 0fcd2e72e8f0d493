import type { Rect } from '../runtime/engine.js';

/** The symbols of a part of a picture, [height][width] of their bytes, filled tile by tile. */
export class SymbolPlane {
  readonly #symbols: Uint8Array;

  /**
   * @param part Latent positions of the picture.
   * @param positionBytes Of a latent position.
   * @param blank What they are where no tile has come.
   */
  constructor(
    private readonly part: Rect,
    private readonly positionBytes: number,
    blank: number,
  ) {
    this.#symbols = new Uint8Array(part.width * part.height * positionBytes).fill(blank);
  }

  get bytes(): number {
    return this.#symbols.length;
  }

  /** The bytes of a row of a rectangle within the part. */
  #row({ x, y, width }: Rect, row: number): Uint8Array {
    const { part, positionBytes } = this;
    const from = ((y - part.y + row) * part.width + x - part.x) * positionBytes;
    return this.#symbols.subarray(from, from + width * positionBytes);
  }

  set(tile: Rect, symbols: Uint8Array): void {
    const bytes = tile.width * this.positionBytes;
    for (let i = 0; i < tile.height; i++) {
      this.#row(tile, i).set(symbols.subarray(i * bytes, (i + 1) * bytes));
    }
  }

  /** A copy of a rectangle. */
  get(rect: Rect): Uint8Array<ArrayBuffer> {
    const bytes = rect.width * this.positionBytes;
    const out = new Uint8Array(rect.height * bytes);
    for (let i = 0; i < rect.height; i++) out.set(this.#row(rect, i), i * bytes);
    return out;
  }
}
