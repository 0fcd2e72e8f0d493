import type { DecodedStrip } from '../types.js';

/** Strips that have come and have not been asked for yet. */
export class StripQueue {
  readonly #strips: DecodedStrip[] = [];
  #end: { error?: unknown } | undefined;
  #wake: () => void = () => {};

  push(strip: DecodedStrip): void {
    this.#strips.push(strip);
    this.#wake();
  }

  /** There are no more; with an error, whoever waits gets it at once, before strips that are left. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** The next strip; nothing at the end. */
  async next(): Promise<DecodedStrip | undefined> {
    for (;;) {
      if (this.#end?.error !== undefined) throw this.#end.error;
      const strip = this.#strips.shift();
      if (strip || this.#end) return strip;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
