import type { ReadableStreamLike } from '../types.js';

type Chunk = { done: boolean; value?: unknown };

/** A stream of bytes that lies on the other side of the line: each read asks for a chunk. */
export class PulledStream implements ReadableStreamLike {
  #receive: ((chunk: Chunk) => void) | undefined;
  #ended = false;

  constructor(private readonly pull: () => void) {}

  /** A chunk has come; none at the end of the stream. */
  push(value: Uint8Array | undefined): void {
    if (!value) this.#ended = true;
    this.#receive?.({ done: !value, value });
    this.#receive = undefined;
  }

  getReader(): ReturnType<ReadableStreamLike['getReader']> {
    return {
      read: () => {
        if (this.#ended) return Promise.resolve({ done: true });
        return new Promise((resolve) => {
          this.#receive = resolve;
          this.pull();
        });
      },
      cancel: async () => this.push(undefined),
      releaseLock: () => {},
    };
  }
}
