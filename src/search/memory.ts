/** The arrays of one window: each has a name, and one owner that knows what lies in it. */
export interface Scratch {
  i16(name: string, length: number): Int16Array;
  i32(name: string, length: number): Int32Array;
  u16(name: string, length: number): Uint16Array;
}

/**
 * The name of an array that nobody owns for longer than a call of the synthesis or of the distortion:
 * neither runs while the other does.
 */
export const passing = (index: number): string => `passing ${index}`;

/**
 * Memory that windows of latents use one after the other, so that the search leaves no garbage of a
 * picture's size behind. What an array holds is undefined until its owner has written it.
 */
export class SearchMemory {
  readonly #buffers = new Map<string, ArrayBuffer>();

  /** @param most Latent positions of the largest window. */
  constructor(readonly most: number) {}

  /** Bytes of all arrays. */
  get size(): number {
    let size = 0;
    for (const { byteLength } of this.#buffers.values()) size += byteLength;
    return size;
  }

  /** @param positions Of the window, at most `most`: all its arrays' lengths go with them. */
  of(positions: number): Scratch {
    const take = (name: string, bytes: number): ArrayBuffer => {
      const known = this.#buffers.get(name);
      if (known && known.byteLength >= bytes) return known;
      const buffer = new ArrayBuffer(Math.ceil((bytes * this.most) / positions));
      this.#buffers.set(name, buffer);
      return buffer;
    };
    return {
      i16: (name, length) => new Int16Array(take(name, 2 * length), 0, length),
      i32: (name, length) => new Int32Array(take(name, 4 * length), 0, length),
      u16: (name, length) => new Uint16Array(take(name, 2 * length), 0, length),
    };
  }
}
