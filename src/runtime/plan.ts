/** Vectors of 16 bytes do not straddle cache lines. */
const ALIGNMENT = 16;

/** Bytes at the start of a memory that the kernels' compiler keeps for itself. */
const RESERVED = 1 << 16;

/** Addresses in a memory, given out before it exists: planning a picture allocates nothing. */
export class Plan {
  #end: number;

  /** @param start The first address that may be given out. */
  constructor(start = RESERVED) {
    this.#end = Math.ceil(start / ALIGNMENT) * ALIGNMENT;
  }

  /** The address after everything given out so far. */
  get end(): number {
    return this.#end;
  }

  /** Address of `bytes` bytes. */
  take(bytes: number): number {
    const at = this.#end;
    this.#end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return at;
  }
}
