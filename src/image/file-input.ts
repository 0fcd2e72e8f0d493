import type { AbortSignalLike, ByteSource } from '../types.js';
import { isBytes, viewOf } from './bytes.js';
import { ChunkReader, checkLength, resolveSource } from './source.js';

/** A file that is read from its start to its end, in memory or as its bytes arrive. */
export interface FileInput {
  /** Bytes of the file, once that is known: when they are in memory, or the stream has ended. */
  readonly length: number | undefined;
  /**
   * The bytes from an offset on, fewer where the file ends. Offsets never fall: what lies before is
   * let go.
   *
   * @returns A view, valid until the next call.
   * @throws ShvqError BAD_INPUT, LIMIT, ABORTED, TRUNCATED where a stream fails
   */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  /** Lets go of the stream, which is cancelled if it has not ended. */
  close(): void;
}

/** A file in memory. */
export class MemoryInput implements FileInput {
  constructor(private readonly bytes: Uint8Array) {}

  get length(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.subarray(offset, offset + length);
  }

  close(): void {}
}

/** A file that arrives in a stream; what is kept of it is what was asked for and the last chunk. */
class StreamInput implements FileInput {
  length: number | undefined;
  /** The bytes from #start of the file on, #filled of them. */
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;
  #filled = 0;

  constructor(private readonly chunks: ChunkReader) {}

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#drop(offset - this.#start);
    while (this.length === undefined && this.#start + this.#filled < offset + length) {
      const chunk = await this.chunks.next();
      if (chunk) this.#append(chunk, offset);
      else this.length = this.#start + this.#filled;
    }
    const from = Math.min(offset - this.#start, this.#filled);
    return this.#window.subarray(from, Math.min(from + length, this.#filled));
  }

  /** Forgets bytes at the front, or as many as there are. */
  #drop(count: number): void {
    const dropped = Math.min(count, this.#filled);
    this.#window = this.#window.subarray(dropped);
    this.#start += dropped;
    this.#filled -= dropped;
  }

  #append(chunk: Uint8Array, offset: number): void {
    const filled = this.#filled + chunk.length;
    if (filled > this.#window.length) {
      // A view of the chunk where nothing else is kept, and twice the room where chunks are small.
      const room = this.#filled === 0 ? chunk.length : 2 * filled;
      const window: Uint8Array = this.#filled === 0 ? chunk : new Uint8Array(room);
      if (this.#filled > 0) window.set(this.#window.subarray(0, this.#filled));
      this.#window = window;
    }
    this.#window.set(chunk, this.#filled);
    this.#filled = filled;
    this.#drop(offset - this.#start);
  }

  close(): void {
    this.chunks.close();
  }
}

/**
 * Opens a source for reading as its bytes arrive.
 *
 * @throws ShvqError BAD_INPUT, LIMIT
 */
export function openInput(
  source: ByteSource,
  maxBytes: number,
  signal: AbortSignalLike | undefined,
): FileInput {
  const resolved = resolveSource(source, maxBytes);
  if (!isBytes(resolved)) return new StreamInput(new ChunkReader(resolved, maxBytes, signal));
  const bytes = viewOf(resolved);
  checkLength(bytes.length, maxBytes);
  return new MemoryInput(bytes);
}
