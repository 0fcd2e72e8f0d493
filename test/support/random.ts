/** A seeded generator of 32-bit integers (xorshift), so that every failure can be repeated. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761 + 1) >>> 0 || 1;
    for (let i = 0; i < 8; i++) this.u32();
  }

  u32(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + (this.u32() % (high - low + 1));
  }

  /** A number in [0, 1). */
  uniform(): number {
    return this.u32() / 2 ** 32;
  }

  /** Roughly normal with mean 0 and deviation 1. */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.uniform();
    return sum;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.u32() & 255);
  }
}
