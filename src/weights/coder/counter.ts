import type { BitCoder } from '../../entropy/adaptive.js';
import { BitModels } from '../../entropy/adaptive.js';
import { costOf } from '../../entropy/cost.js';

/** Adds up what bits would cost to write, without writing them. */
export class BitCounter extends BitModels implements BitCoder {
  /** So far, in units of 2^-8 bit. */
  cost = 0;

  code(context: number, bit: number): number {
    const split = this.split(context);
    this.cost += costOf(bit ? 2 ** 20 - split : split);
    this.learn(context, bit);
    return bit;
  }
}
