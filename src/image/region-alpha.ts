import type { Rect } from '../runtime/engine.js';
import type { AlphaDecoder } from './alpha.js';
import { mean } from './box.js';

/** The alpha of a region's rows, one after the other, averaged where the picture is made smaller. */
export class RegionAlpha {
  readonly #sums: Uint32Array;
  /** The next row of the picture. */
  #row = 0;

  /**
   * @param size Of the whole picture, in its own pixels.
   * @param region Pixels of the smaller picture.
   * @param shrink How many times smaller it is.
   */
  constructor(
    private readonly rows: AlphaDecoder,
    private readonly size: { readonly width: number; readonly height: number },
    private readonly region: Rect,
    private readonly shrink: number,
  ) {
    this.#sums = new Uint32Array(region.width);
  }

  /** Rows of the picture above the region that are still to be gone past. */
  get above(): number {
    return this.region.y * this.shrink - this.#row;
  }

  /** Goes past a row of the picture. */
  skip(): void {
    this.#next();
  }

  #next(): Uint8Array {
    this.#row++;
    return this.rows.next();
  }

  /** Writes the alpha of the next rows into their RGBA bytes. */
  write(rgba: Uint8Array | Uint8ClampedArray): void {
    for (let at = 3; at < rgba.length; at += 4 * this.region.width) {
      if (this.shrink === 1) this.#copyRow(rgba, at);
      else this.#averageRow(rgba, at);
    }
  }

  #copyRow(rgba: Uint8Array | Uint8ClampedArray, at: number): void {
    const { x: left, width } = this.region;
    const row = this.#next();
    for (let x = 0; x < width; x++) rgba[at + 4 * x] = row[left + x]!;
  }

  #averageRow(rgba: Uint8Array | Uint8ClampedArray, at: number): void {
    const { shrink, size } = this;
    const { x: left, width } = this.region;
    const sums = this.#sums.fill(0);
    const rows = Math.min(shrink, size.height - this.#row);
    const from = left * shrink;
    const to = Math.min((left + width) * shrink, size.width);
    for (let y = 0; y < rows; y++) {
      const row = this.#next();
      for (let x = 0; x < width; x++) {
        const end = Math.min(from + (x + 1) * shrink, to);
        for (let i = from + x * shrink; i < end; i++) sums[x]! += row[i]!;
      }
    }
    for (let x = 0; x < width; x++) {
      const columns = Math.min(shrink, to - from - x * shrink);
      rgba[at + 4 * x] = mean(sums[x]!, rows * columns);
    }
  }
}
