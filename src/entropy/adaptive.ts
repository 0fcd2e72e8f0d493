import { COUNT_BITS } from '../format/constants.js';
import type { RangeDecoder } from './range-decoder.js';

/** Fraction bits of a probability as it is kept; the coder sees the top COUNT_BITS of them. */
const PROBABILITY_BITS = 22;
const ONE = 2 ** PROBABILITY_BITS - 1;
const TOTAL = 2 ** COUNT_BITS;
/** Adaptation slows down to 1 / (LIMIT + 1.5) a bit. */
const LIMIT = 127;

/** RATES[n] = floor(2^14 / (n + 1.5)): how far a probability moves at its n-th bit. */
const RATES = Int32Array.from({ length: LIMIT + 1 }, (_, n) => Math.floor(2 ** 15 / (2 * n + 3)));

/**
 * Probabilities of bits that learn from the bits: docs/format.md, section 8.1. Every context is one
 * probability with a count of the bits that it has seen; the first bits move it far.
 */
export class BitModels {
  protected readonly probabilities: Int32Array;
  protected readonly counts: Uint8Array;

  /**
   * @param start The number of contexts, which know nothing; or what each begins with, a one's
   *   probability in units of 2^-22.
   * @param seen Bits that such a beginning stands for, 0..127.
   */
  constructor(start: number | Int32Array, seen = 0) {
    this.probabilities =
      typeof start === 'number'
        ? new Int32Array(start).fill(2 ** (PROBABILITY_BITS - 1))
        : start.slice();
    this.counts = new Uint8Array(this.probabilities.length).fill(seen);
  }

  /** Cumulative count of a zero in a context: in 1..2^20 - 1, so that both bits can be coded. */
  protected split(context: number): number {
    return TOTAL - ((this.probabilities[context]! >> (PROBABILITY_BITS - COUNT_BITS)) | 1);
  }

  protected learn(context: number, bit: number): void {
    const p = this.probabilities[context]!;
    const n = this.counts[context]!;
    if (bit) this.probabilities[context] = p + ((((ONE - p) >> 6) * RATES[n]!) >> 8);
    else this.probabilities[context] = p - (((p >> 6) * RATES[n]!) >> 8);
    if (n < LIMIT) this.counts[context] = n + 1;
  }
}

/** Codes bits under contexts; `BitReader` and `BitWriter` do it in the two directions. */
export interface BitCoder {
  /** @param bit The bit to write; ignored when reading. @returns The bit, 0 or 1. */
  code(context: number, bit: number): number;
}

export class BitReader extends BitModels implements BitCoder {
  constructor(
    private coder: RangeDecoder,
    start: number | Int32Array,
    seen?: number,
  ) {
    super(start, seen);
  }

  /** Goes on with another arithmetic code, and with what was learned. */
  resume(coder: RangeDecoder): void {
    this.coder = coder;
  }

  code(context: number): number {
    const split = this.split(context);
    const bit = this.coder.isAtLeast(split) ? 1 : 0;
    this.coder.consume(bit ? split : 0, bit ? TOTAL : split);
    this.learn(context, bit);
    return bit;
  }
}
