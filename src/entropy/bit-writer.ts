import { COUNT_BITS } from '../format/constants.js';
import { type BitCoder, BitModels } from './adaptive.js';
import type { RangeEncoder } from './range-encoder.js';

const TOTAL = 2 ** COUNT_BITS;

export class BitWriter extends BitModels implements BitCoder {
  constructor(
    private coder: RangeEncoder,
    start: number | Int32Array,
    seen?: number,
  ) {
    super(start, seen);
  }

  /** Goes on with another arithmetic code, and with what was learned. */
  resume(coder: RangeEncoder): void {
    this.coder = coder;
  }

  code(context: number, bit: number): number {
    const split = this.split(context);
    this.coder.encode(bit ? split : 0, bit ? TOTAL : split);
    this.learn(context, bit);
    return bit;
  }
}
