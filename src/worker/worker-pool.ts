import { resolveLimits } from '../format/limits.js';
import { isBytes, viewOf } from '../image/bytes.js';
import { type FileInput, MemoryInput, openInput } from '../image/file-input.js';
import { checkImage } from '../image/input.js';
import { readBytes } from '../image/source.js';
import { allocate } from '../runtime/allocate.js';
import { closing } from '../runtime/closing.js';
import { checkAborted } from '../runtime/drive.js';
import type {
  AbortSignalLike,
  ByteSource,
  DecodedImage,
  DecodedRows,
  DecodedStrip,
  DecodeOptions,
  EncodeOptions,
  EngineInfo,
  ImageLike,
} from '../types.js';
import { Abort } from './abort.js';
import { earlyEnds, evenEnds } from './bands.js';
import { type JobPlan, type OpenPicture, openPicture, PictureJob } from './picture-job.js';
import { type PoolSettings, ThreadPool } from './pool.js';
import type { WorkerLike } from './spawn.js';

/** Bytes a pixel. */
const RGBA = 4;

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
   * @throws ShvqError ENVIRONMENT where the host has no workers or refuses the script; BAD_INPUT for
   *   settings that cannot be cloned
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

/** Bytes of a file, which stay as they are while it is decoded. */
function keep(source: ByteSource, giveAway: boolean): ByteSource {
  if (!isBytes(source)) return source;
  const bytes = detachable(viewOf(source), giveAway);
  return bytes.buffer === viewOf(source).buffer ? detach(bytes.buffer) : bytes;
}

/** Takes a buffer's memory. */
function detach(buffer: ArrayBuffer): ArrayBuffer {
  return structuredClone(buffer, { transfer: [buffer] });
}

/** A signal that follows the caller's and can be fired from here. */
class Stop extends Abort {
  readonly #follow: () => void;

  /** @throws ShvqError ABORTED */
  constructor(private readonly outer: AbortSignalLike | undefined) {
    super();
    checkAborted(outer);
    this.#follow = () => super.fire(outer?.reason);
    outer?.addEventListener('abort', this.#follow);
  }

  override fire(reason?: unknown): void {
    this.outer?.removeEventListener('abort', this.#follow);
    super.fire(reason);
  }
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
    return this.#threads.run({ kind: 'load', part }, [], undefined);
  }

  async decode(
    source: ByteSource,
    options: DecodeOptions & TransferOption = {},
  ): Promise<DecodedImage> {
    const { onProgress = () => {}, transfer = false } = options;
    const stop = new Stop(options.signal);
    try {
      const limits = resolveLimits(this.settings.decoder?.limits, options.limits);
      const file = keep(source, transfer);
      const bytes = await readBytes(file, limits.maxBytes, stop, options.partial);
      const input = new MemoryInput(bytes);
      const picture = await openPicture(this.#threads, input, options, limits, RGBA, stop);
      const { info, survey } = picture;
      const ends = evenEnds(survey.layout, this.size);
      const job = new PictureJob(this.#threads, picture, { ends, onProgress, stop });
      const single = job.bands.length === 1;
      let data = single ? undefined : allocate(picture.output);
      for await (const band of job.run()) {
        if (single) data = band.data;
        else data!.set(band.data, band.y * band.width * RGBA);
      }
      onProgress(1);
      return { ...info, data: data! };
    } finally {
      stop.fire();
    }
  }

  async decodeRows(
    source: ByteSource,
    options: DecodeOptions & TransferOption = {},
  ): Promise<DecodedRows> {
    const { onProgress = () => {}, transfer = false } = options;
    const stop = new Stop(options.signal);
    let input: FileInput | undefined;
    const close = () => {
      input?.close();
      stop.fire();
    };
    try {
      const limits = resolveLimits(this.settings.decoder?.limits, options.limits);
      input = openInput(keep(source, transfer), limits.maxBytes, stop);
      const picture = await openPicture(this.#threads, input, options, limits, 0, stop);
      const ends = earlyEnds(picture.survey.layout);
      const rows = this.#rows(picture, { ends, onProgress, stop });
      return { ...picture.info, [Symbol.asyncIterator]: () => closing(rows, close) };
    } catch (error) {
      close();
      throw error;
    }
  }

  async *#rows(picture: OpenPicture, plan: JobPlan): AsyncGenerator<DecodedStrip, void, void> {
    checkAborted(plan.stop);
    yield* new PictureJob(this.#threads, picture, plan).run();
    plan.onProgress(1);
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
    return this.#threads.run(call, [pixels.buffer], signal, onProgress);
  }

  dispose(): void {
    this.#threads.dispose();
  }
}
