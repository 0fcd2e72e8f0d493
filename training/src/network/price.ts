/** Factor on the price for an error of the size, at once and for good with every step. */
const AT_ONCE = 20;
const FOR_GOOD = 0.2;
/** Larger errors count as this one. */
const ERROR_MAX = 0.08;
const BITS = 8;

/**
 * Steers the price of a bit so that the file gets its size: a proportional and an integral term on
 * the logarithm of estimated size over wanted size.
 */
export class PriceControl {
  /** The price where the size is right. */
  private base: number;
  /** Bytes of the file for a byte of entropy; 0 as long as no file has been measured. */
  private factor = 0;
  private error = 0;

  /** @param wanted Bytes of the file. @param price To begin with. */
  constructor(
    private readonly wanted: number,
    price: number,
  ) {
    this.base = price;
  }

  /** Loss of a bit per weight. */
  get price(): number {
    return this.base * Math.exp(AT_ONCE * this.error);
  }

  /** Bytes of the file from bits of entropy; 0 as long as no file has been measured. */
  estimate(bits: number): number {
    return (bits / BITS) * this.factor;
  }

  /** A file that was written: its bytes, and the entropy of the same weights. */
  measured(bytes: number, bits: number): void {
    this.factor = bytes / (bits / BITS);
  }

  /** After a step that left weights of so many bits of entropy. */
  follow(bits: number): void {
    if (this.factor === 0) return;
    const error = Math.log(this.estimate(bits) / this.wanted);
    this.error = Math.max(-ERROR_MAX, Math.min(ERROR_MAX, error));
    this.base *= Math.exp(FOR_GOOD * this.error);
  }

  /** Numbers for a checkpoint. */
  save(): Record<string, number> {
    return { base: this.base, factor: this.factor, error: this.error };
  }

  load({ base, factor, error }: Record<string, number>): void {
    this.base = base;
    this.factor = factor;
    this.error = error;
  }
}
