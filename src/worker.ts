/**
 * Decoding and encoding off the caller's thread: the entry point `shvq/worker`.
 *
 *     import { decode } from 'shvq/worker';
 *     const { width, height, data } = await decode(await fetch('photo.shv'));
 */
import type { ShvqError } from './format/errors.js';
import { resolveLimits } from './format/limits.js';
import { isBytes, viewOf } from './image/bytes.js';
import { checkImage } from './image/input.js';
import { readBytes } from './image/source.js';
import type {
  ByteSource,
  DecodedImage,
  DecodeOptions,
  EncodeOptions,
  EngineInfo,
  ImageLike,
} from './types.js';
import { fromFault } from './worker/faults.js';
import { type PoolSettings, ThreadPool } from './worker/pool.js';

export { ShvqError, type ShvqErrorCode } from './format/errors.js';
export { readHeader } from './format/read-header.js';
export type { DecoderModel, EncoderModel } from './model/layers.js';
export type { EngineBuild, Rect } from './runtime/engine.js';
export type * from './types.js';
export type { PoolSettings } from './worker/pool.js';
export type { NodeWorkerLike, WebWorkerLike, WorkerLike } from './worker/spawn.js';

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

class WorkerPool implements Pool {
  readonly #threads: ThreadPool;

  constructor(private readonly settings: PoolSettings) {
    this.#threads = new ThreadPool(settings);
  }

  get size(): number {
    return this.#threads.size;
  }

  start(): Promise<void> {
    return this.#threads.start();
  }

  load(part: 'decoder' | 'encoder' = 'decoder'): Promise<EngineInfo> {
    return this.#threads.run({ kind: 'load', part }, [], {});
  }

  async decode(
    source: ByteSource,
    options: DecodeOptions & TransferOption = {},
  ): Promise<DecodedImage> {
    const { onProgress, signal, transfer = false, ...rest } = options;
    const { maxBytes } = resolveLimits(this.settings.decoder?.limits, options.limits);
    const read = await readBytes(source, maxBytes, signal);
    // What came from a stream is nobody else's.
    const bytes = detachable(read, transfer || !isBytes(source));
    const { errors, ...image } = await this.#threads.run(
      { kind: 'decode', bytes, options: rest },
      [bytes.buffer],
      { onProgress, signal },
    );
    return { ...image, errors: errors.map((fault) => fromFault(fault) as ShvqError) };
  }

  async encode(
    image: ImageLike,
    options: EncodeOptions & TransferOption = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { onProgress, signal, transfer = false, ...rest } = options;
    const { colorSpace, data, height, width } = checkImage(image);
    const pixels = detachable(viewOf(data), transfer);
    return this.#threads.run(
      { kind: 'encode', image: { width, height, data: pixels, colorSpace }, options: rest },
      [pixels.buffer],
      { onProgress, signal },
    );
  }

  dispose(): void {
    this.#threads.dispose();
  }
}

/**
 * A pool of its own, which shares nothing with any other. Threads start when there is work.
 *
 * @throws ShvqError BAD_INPUT
 */
export function createPool(settings: PoolSettings = {}): Pool {
  return new WorkerPool(settings);
}

let shared: Pool | undefined;

function sharedPool(): Pool {
  shared ??= createPool();
  return shared;
}

/**
 * Decodes a .shv file in a worker, with a pool that is made at the first call.
 *
 * @throws ShvqError
 */
export function decode(
  source: ByteSource,
  options?: DecodeOptions & TransferOption,
): Promise<DecodedImage> {
  return sharedPool().decode(source, options);
}

/**
 * Encodes an image in a worker, with a pool that is made at the first call.
 *
 * @returns The bytes of a .shv file.
 * @throws ShvqError
 */
export function encode(
  image: ImageLike,
  options?: EncodeOptions & TransferOption,
): Promise<Uint8Array<ArrayBuffer>> {
  return sharedPool().encode(image, options);
}

/** Ends the threads of the pool that `decode` and `encode` use; a later call makes a new one. */
export function dispose(): void {
  shared?.dispose();
  shared = undefined;
}
