import type { ShvqError } from '../format/errors.js';
import { resolveLimits } from '../format/limits.js';
import { isBytes, viewOf } from '../image/bytes.js';
import { checkImage } from '../image/input.js';
import { ChunkReader, checkLength, resolveSource } from '../image/source.js';
import { checkAborted } from '../runtime/drive.js';
import type {
  ByteSource,
  DecodedImage,
  DecodedInfo,
  DecodedRows,
  DecodedStrip,
  DecodeOptions,
  EncodeOptions,
  EngineInfo,
  ImageLike,
} from '../types.js';
import { Abort } from './abort.js';
import { fromFault } from './faults.js';
import type { Fault, Sent } from './messages.js';
import { type Hear, type PoolSettings, type Respond, ThreadPool } from './pool.js';
import type { WorkerLike } from './spawn.js';
import { StripQueue } from './strip-queue.js';

export interface TransferOption {
  /**
   * Gives the memory of the input away in place of copying it, which saves a millisecond for some
   * megabytes: the buffer is detached afterwards. Buffers that are larger than the view given, and
   * shared ones, are copied all the same.
   */
  transfer?: boolean | undefined;
}

/** A pool of worker threads that decode and encode. Several pictures run side by side. */
export interface Pool {
  /** Threads at most. */
  readonly size: number;
  /**
   * Starts the first thread.
   *
   * @throws ShvqError ENVIRONMENT where the host has no workers or refuses the script
   */
  start(): Promise<void>;
  /** Loads engine and model of the decoder or the encoder in one thread. */
  load(part?: 'decoder' | 'encoder'): Promise<EngineInfo>;
  /** As `decode` of `shvq/decode`, with the same pixels and errors. @throws ShvqError */
  decode(source: ByteSource, options?: DecodeOptions & TransferOption): Promise<DecodedImage>;
  /**
   * As `decodeRows` of `shvq/decode`. The thread is busy until the last row has been taken, the loop
   * been left or the signal fired.
   *
   * @throws ShvqError
   */
  decodeRows(source: ByteSource, options?: DecodeOptions & TransferOption): Promise<DecodedRows>;
  /** As `encode` of `shvq/encode`, with the same file and errors. @throws ShvqError */
  encode(
    image: ImageLike,
    options?: EncodeOptions & TransferOption,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends the threads at once; what runs, waits or comes later fails with ABORTED. */
  dispose(): void;
}

/** The bytes in a buffer that may be transferred: the caller's own if that is given away. */
function detachable(bytes: Uint8Array, giveAway: boolean): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
  return giveAway && whole ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
}

function toErrors(faults: readonly Fault[]): ShvqError[] {
  return faults.map((fault) => fromFault(fault) as ShvqError);
}

function toInfo<T extends DecodedInfo>({ errors, ...info }: Sent<T>): T {
  return { ...info, errors: toErrors(errors) } as unknown as T;
}

/** A file on its way to a thread: its bytes, or what to read them from when they are pulled. */
interface Sending {
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly transfer: ArrayBuffer[];
  readonly chunks: ChunkReader | undefined;
}

async function sendChunk(chunks: ChunkReader, id: number, respond: Respond): Promise<void> {
  const chunk = (await chunks.next())?.slice();
  respond({ type: 'chunk', id, chunk }, chunk ? [chunk.buffer] : []);
}

/** The public calls, on threads. */
export class WorkerPool implements Pool {
  readonly #threads: ThreadPool;

  /** @param start Starts a worker that runs the thread's script. @throws ShvqError BAD_INPUT */
  constructor(
    private readonly settings: PoolSettings,
    start: () => WorkerLike,
  ) {
    this.#threads = new ThreadPool(settings, settings.thread ?? start);
  }

  get size(): number {
    return this.#threads.size;
  }

  start(): Promise<void> {
    return this.#threads.ready();
  }

  load(part: 'decoder' | 'encoder' = 'decoder'): Promise<EngineInfo> {
    return this.#threads.run({ kind: 'load', part }, [], undefined, () => {});
  }

  /** @throws ShvqError BAD_INPUT, LIMIT */
  #send(source: ByteSource, options: DecodeOptions & TransferOption, signal: Abort): Sending {
    const { maxBytes } = resolveLimits(this.settings.decoder?.limits, options.limits);
    const resolved = resolveSource(source, maxBytes);
    if (!isBytes(resolved)) {
      const chunks = new ChunkReader(resolved, maxBytes, signal);
      return { bytes: undefined, transfer: [], chunks };
    }
    const view = viewOf(resolved);
    checkLength(view.length, maxBytes);
    const bytes = detachable(view, options.transfer ?? false);
    return { bytes, transfer: [bytes.buffer], chunks: undefined };
  }

  /**
   * Runs a decoding, whose stream is read here.
   *
   * @param hear What is not about progress and the stream.
   */
  async #decode<K extends 'decode' | 'rows'>(
    kind: K,
    source: ByteSource,
    options: DecodeOptions & TransferOption,
    signal: Abort,
    hear: Hear = () => {},
  ) {
    const { onProgress, signal: outer, transfer: _, ...rest } = options;
    checkAborted(outer);
    const abort = () => signal.fire(outer?.reason);
    outer?.addEventListener('abort', abort);
    let failure: { error: unknown } | undefined;
    let chunks: ChunkReader | undefined;
    try {
      const sending = this.#send(source, options, signal);
      chunks = sending.chunks;
      const call = { kind, bytes: sending.bytes, options: rest };
      return await this.#threads.run(call, sending.transfer, signal, (note, respond) => {
        if (note.type === 'progress') onProgress?.(note.done);
        else if (note.type !== 'pull') hear(note, respond);
        else {
          sendChunk(chunks!, note.id, respond).catch((error) => {
            failure ??= { error };
            signal.fire();
          });
        }
      });
    } catch (error) {
      throw failure ? failure.error : error;
    } finally {
      chunks?.close();
      outer?.removeEventListener('abort', abort);
    }
  }

  async decode(
    source: ByteSource,
    options: DecodeOptions & TransferOption = {},
  ): Promise<DecodedImage> {
    return toInfo(await this.#decode('decode', source, options, new Abort()));
  }

  async decodeRows(
    source: ByteSource,
    options: DecodeOptions & TransferOption = {},
  ): Promise<DecodedRows> {
    const signal = new Abort();
    const queue = new StripQueue();
    const errors: ShvqError[] = [];
    let take: () => void = () => {};
    const info = await new Promise<DecodedInfo>((resolve, reject) => {
      const hear: Hear = (note, respond) => {
        if (note.type === 'info') resolve(toInfo(note.info));
        else if (note.type === 'strip') {
          take = () => respond({ type: 'taken', id: note.id }, []);
          errors.push(...toErrors(note.errors));
          queue.push(note.strip);
        }
      };
      this.#decode('rows', source, options, signal, hear).then(
        (rest) => {
          errors.push(...toErrors(rest));
          queue.end();
        },
        (error) => {
          reject(error);
          queue.end(error);
        },
      );
    });
    async function* strips(): AsyncGenerator<DecodedStrip, void, void> {
      try {
        for (let strip = await queue.next(); strip; strip = await queue.next()) {
          take();
          yield strip;
        }
      } finally {
        signal.fire();
      }
    }
    errors.unshift(...info.errors);
    return { ...info, errors, [Symbol.asyncIterator]: strips };
  }

  async encode(
    image: ImageLike,
    options: EncodeOptions & TransferOption = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { onProgress, signal, transfer = false, ...rest } = options;
    const { colorSpace, data, height, width } = checkImage(image);
    const pixels = detachable(viewOf(data), transfer);
    const call = {
      kind: 'encode',
      image: { width, height, data: pixels, colorSpace },
      options: rest,
    } as const;
    return this.#threads.run(call, [pixels.buffer], signal, (note) => {
      if (note.type === 'progress') onProgress?.(note.done);
    });
  }

  dispose(): void {
    this.#threads.dispose();
  }
}
