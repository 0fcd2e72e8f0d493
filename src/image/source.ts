import { ShvqError } from '../format/errors.js';
import { checkAborted } from '../runtime/drive.js';
import type { AbortSignalLike, ByteSource, Bytes, ReadableStreamLike } from '../types.js';
import { concatenate, isBytes, viewOf } from './bytes.js';

/** @throws ShvqError LIMIT */
export function checkLength(length: number, maxBytes: number): void {
  if (length > maxBytes) {
    throw new ShvqError('LIMIT', `The file has more bytes than limits.maxBytes = ${maxBytes}`);
  }
}

/**
 * The memory or the stream that a file is read from.
 *
 * @throws ShvqError BAD_INPUT, LIMIT
 */
export function resolveSource(source: ByteSource, maxBytes: number): Bytes | ReadableStreamLike {
  if (isBytes(source)) return source;
  if (typeof source === 'object' && source !== null) {
    if ('getReader' in source) return source;
    if ('body' in source) {
      if (!source.ok) throw new ShvqError('BAD_INPUT', `The response has status ${source.status}`);
      return source.body ?? new Uint8Array(0);
    }
    if ('stream' in source && 'size' in source) {
      checkLength(source.size, maxBytes);
      return source.stream();
    }
  }
  throw new ShvqError(
    'BAD_INPUT',
    'The source must be an ArrayBuffer, a view, a Blob, a Response or a ReadableStream',
  );
}

type StreamReader = ReturnType<ReadableStreamLike['getReader']>;

/** The chunks of a stream of bytes, one after the other. */
export class ChunkReader {
  readonly #reader: StreamReader;
  readonly #abort: () => void;
  #length = 0;
  #open = true;

  /** @throws ShvqError BAD_INPUT where the stream is locked */
  constructor(
    stream: ReadableStreamLike,
    private readonly maxBytes: number,
    private readonly signal: AbortSignalLike | undefined,
  ) {
    try {
      this.#reader = stream.getReader();
    } catch (cause) {
      throw new ShvqError('BAD_INPUT', 'The stream is locked or has been read', { cause });
    }
    // Cancelling makes a pending read end, so that an abort need not wait for the network.
    this.#abort = () => void this.#reader.cancel(signal?.reason).catch(() => {});
    signal?.addEventListener('abort', this.#abort);
  }

  /**
   * The next chunk; nothing at the end of the stream, or after an error.
   *
   * @throws ShvqError BAD_INPUT, LIMIT, ABORTED, TRUNCATED where the stream fails
   */
  async next(): Promise<Uint8Array | undefined> {
    if (!this.#open) return undefined;
    try {
      const { done, value } = await this.#read();
      checkAborted(this.signal);
      if (done) {
        this.#release();
        return undefined;
      }
      if (!isBytes(value)) throw new ShvqError('BAD_INPUT', 'The stream holds more than bytes');
      const chunk = viewOf(value);
      this.#length += chunk.length;
      checkLength(this.#length, this.maxBytes);
      return chunk;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #read(): ReturnType<StreamReader['read']> {
    try {
      return await this.#reader.read();
    } catch (cause) {
      checkAborted(this.signal);
      if ((cause as Error | undefined)?.name === 'AbortError') {
        throw new ShvqError('ABORTED', 'What the stream comes from was aborted', { cause });
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ShvqError('TRUNCATED', `The stream failed after ${this.#length} bytes: ${reason}`, {
        offset: this.#length,
        cause,
      });
    }
  }

  /** Stops the stream if it has not ended. */
  close(): void {
    if (!this.#open) return;
    this.#abort();
    this.#release();
  }

  #release(): void {
    this.#open = false;
    this.signal?.removeEventListener('abort', this.#abort);
    this.#reader.releaseLock();
  }
}

async function readAll(chunks: ChunkReader, partial: boolean): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  try {
    for (let part = await chunks.next(); part; part = await chunks.next()) parts.push(part);
  } catch (error) {
    if (!(partial && error instanceof ShvqError && error.code === 'TRUNCATED')) throw error;
  }
  if (parts.length === 1) return parts[0]!;
  return concatenate(parts);
}

/**
 * The bytes of anything that a file can be read from; those in memory are not copied.
 *
 * @param partial Whether what came before a stream failed is enough.
 * @throws ShvqError BAD_INPUT, LIMIT, ABORTED, TRUNCATED where a stream fails
 */
export async function readBytes(
  source: ByteSource,
  maxBytes: number,
  signal: AbortSignalLike | undefined,
  partial = false,
): Promise<Uint8Array> {
  const resolved = resolveSource(source, maxBytes);
  if (!isBytes(resolved)) {
    return readAll(new ChunkReader(resolved, maxBytes, signal), partial);
  }
  const bytes = viewOf(resolved);
  checkLength(bytes.length, maxBytes);
  return bytes;
}
