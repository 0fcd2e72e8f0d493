/** Of weights at a few bits each. */
const SLOPE = -3;
const STEEPEST = -12;
const FLATTEST = -1;

/** Searches for the price of a bit that makes a file of a size; sizes fall as the price rises. */
export class PriceSearch {
  /** The largest price known to give too large a file, and the smallest that does not. */
  #below = -Infinity;
  #above = Infinity;
  #last: { price: number; size: number } | undefined;
  #slope: number;

  /**
   * @param price Logarithm to base 2 of the price of a bit to try next.
   * @param slope Octaves of the price over octaves of the size, until two passes have told.
   * @param steepest Of the slopes to believe: sizes close together tell little of it.
   */
  constructor(
    public price: number,
    slope: number = SLOPE,
    private readonly steepest: number = STEEPEST,
  ) {
    this.#slope = slope;
  }

  /**
   * Chooses the next price: by the secant through the last two results, within what is known.
   *
   * @param size, wanted Logarithms to base 2 of sizes.
   * @returns Whether another price is worth a try.
   */
  next(size: number, wanted: number): boolean {
    if (size > wanted) this.#below = Math.max(this.#below, this.price);
    else this.#above = Math.min(this.#above, this.price);
    if (this.#last) {
      // Steps have a floor: where it holds, a price below changes nothing.
      if (this.#last.size === size && size <= wanted) return false;
      const slope = (this.price - this.#last.price) / (size - this.#last.size);
      // On the floor the size hardly moves, or a little upwards.
      this.#slope = slope > this.steepest && slope < 0 ? Math.min(FLATTEST, slope) : this.steepest;
    }
    this.#last = { price: this.price, size };
    const price = this.price + this.#slope * (wanted - size);
    const inside = price > this.#below && price < this.#above;
    this.price = inside ? price : (this.#below + this.#above) / 2;
    return true;
  }
}
