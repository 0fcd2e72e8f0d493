import { part, RENORMALIZE } from './range-decoder.js';

/** The arithmetic encoder of docs/format.md, section 6.2: 32 bits of range, carries into bytes held back. */
export class RangeEncoder {
  #low = 0;
  #range = 0xffffffff;
  #held = -1;
  #pending = 0;
  #bytes = new Uint8Array(256);
  #length = 0;

  /** Codes the cell from cumulative count `low` to `high`, 0 <= low < high <= 2^20. */
  encode(low: number, high: number): void {
    const start = part(this.#range, low);
    this.#range = part(this.#range, high) - start;
    this.#low += start;
    while (this.#range < RENORMALIZE) {
      this.#range *= 256;
      this.#shift();
    }
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = byte;
  }

  /** Moves the top byte of low out; a run of 0xFF waits until it is known whether it carries. */
  #shift(): void {
    const carry = this.#low >= 2 ** 32 ? 1 : 0;
    const low = this.#low - carry * 2 ** 32;
    const top = Math.floor(low / RENORMALIZE);
    if (carry === 1 || top !== 0xff) {
      if (this.#held >= 0) this.#push(this.#held + carry);
      for (; this.#pending > 0; this.#pending--) this.#push((0xff + carry) & 0xff);
      this.#held = top;
    } else {
      this.#pending++;
    }
    this.#low = (low - top * RENORMALIZE) * 256;
  }

  /** Ends the stream with as few bytes as decode to the same symbols. */
  finish(): Uint8Array {
    // The value in [low, low + range) with the most trailing zeros; zeros at the end are implied.
    this.#low = Math.ceil(this.#low / RENORMALIZE) * RENORMALIZE;
    for (let i = 0; i < 5; i++) this.#shift();
    let length = this.#length;
    while (length > 0 && this.#bytes[length - 1] === 0) length--;
    return this.#bytes.slice(0, length);
  }
}
