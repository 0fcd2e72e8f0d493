import { COUNT_BITS } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';

const TOTAL = 2 ** COUNT_BITS;
export const RENORMALIZE = 2 ** 24;

/** floor(range * count / 2^20); the product fits in the 53 bits of a number. */
export function part(range: number, count: number): number {
  return Math.floor((range * count) / TOTAL);
}

/** The arithmetic decoder of docs/format.md, section 6.2. */
export class RangeDecoder {
  #range = 0xffffffff;
  #code = 0;
  #position = 0;

  /** @throws ShvqError CORRUPT where the first four bytes are no coder's output. */
  constructor(private readonly bytes: Uint8Array) {
    for (let i = 0; i < 4; i++) this.#code = this.#code * 256 + this.#next();
    if (this.#code === 0xffffffff) throw new ShvqError('CORRUPT', 'The arithmetic code is invalid');
  }

  #next(): number {
    return this.bytes[this.#position++] ?? 0;
  }

  /** Whether the code lies at or above a cumulative count. */
  isAtLeast(count: number): boolean {
    return this.#code >= part(this.#range, count);
  }

  /** Consumes the cell from cumulative count `low` to `high`; the code must lie in it. */
  consume(low: number, high: number): void {
    const start = part(this.#range, low);
    this.#range = part(this.#range, high) - start;
    this.#code -= start;
    while (this.#range < RENORMALIZE) {
      this.#range *= 256;
      this.#code = this.#code * 256 + this.#next();
    }
  }
}
