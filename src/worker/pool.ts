import { ShvqError } from '../format/errors.js';
import { checkAborted } from '../runtime/drive.js';
import type { AbortSignalLike, DecoderSettings, EncoderSettings } from '../types.js';
import { fromFault } from './faults.js';
import type { Answer, Answers, Call, Reply } from './messages.js';
import { listen, type Thread, type WorkerLike } from './spawn.js';

export interface PoolSettings {
  /** Threads at most; they are started when there is work for them. Default: see `poolSize`. */
  size?: number | undefined;
  /** For the decoders in the threads. */
  decoder?: DecoderSettings | undefined;
  /** For the encoders in the threads. */
  encoder?: EncoderSettings | undefined;
  /**
   * Makes a worker that runs `shvq/worker-thread`, for hosts where the file does not lie beside the
   * module.
   */
  thread?: (() => WorkerLike) | undefined;
}

/** Hears what part of a call is done, 0..1. */
export type Hear = (done: number) => void;

interface Job {
  readonly id: number;
  readonly call: Call;
  readonly transfer: ArrayBuffer[];
  hear: Hear;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** A thread and the job that it works on. */
class Member {
  job: Job | undefined;
  /** The script has been loaded. */
  readonly ready: Promise<void>;
  #setReady: () => void = () => {};
  #setFailed: (error: ShvqError) => void = () => {};
  readonly #thread: Thread;

  /** @param free Called when the thread has no job any more. */
  constructor(
    start: () => WorkerLike,
    private readonly free: () => void,
    private readonly lost: (error: ShvqError) => void,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.#setReady = resolve;
      this.#setFailed = reject;
    });
    // Only those who wait for it want to know.
    this.ready.catch(() => {});
    this.#thread = listen(start(), {
      reply: (reply) => this.#receive(reply),
      broken: (error) => this.fail(error),
    });
  }

  /** Comes first and once. @throws ShvqError BAD_INPUT, and the thread is lost */
  open({ decoder, encoder }: PoolSettings): void {
    try {
      this.#thread.post({ type: 'open', decoder, encoder }, []);
    } catch (cause) {
      const error = new ShvqError('BAD_INPUT', 'The settings cannot go to a worker', { cause });
      this.fail(error);
      throw error;
    }
  }

  #receive(reply: Reply): void {
    if (reply.type === 'ready') {
      // Nobody waits for what has nothing to do.
      if (!this.job) this.#thread.hold(false);
      this.#setReady();
      return;
    }
    const { job } = this;
    if (job?.id !== reply.id) return;
    if (reply.type === 'progress') {
      job.hear(reply.done);
      return;
    }
    this.job = undefined;
    this.#thread.hold(false);
    if (reply.type === 'done') job.resolve(reply.answer);
    else job.reject(fromFault(reply.fault));
    this.free();
  }

  run(job: Job): void {
    const { call, id, transfer } = job;
    this.job = job;
    this.#thread.hold(true);
    try {
      this.#thread.post({ type: 'call', id, call }, transfer);
    } catch (cause) {
      this.job = undefined;
      this.#thread.hold(false);
      job.reject(new ShvqError('BAD_INPUT', 'The arguments cannot go to a worker', { cause }));
      this.free();
    }
  }

  abort(id: number): void {
    if (this.job?.id === id) this.#thread.post({ type: 'abort', id }, []);
  }

  /** Ends the thread. Whoever waits for it gets the error. */
  fail(error: ShvqError): void {
    this.#thread.terminate();
    this.#setFailed(error);
    this.job?.reject(error);
    this.job = undefined;
    this.lost(error);
  }
}

/**
 * Threads to leave the caller's own thread a core, and not more than four: a picture is rarely
 * worth more memory.
 */
export function poolSize(cores: number | undefined): number {
  return Math.max(1, Math.min(4, (cores ?? 2) - 1));
}

function disposed(): ShvqError {
  return new ShvqError('ABORTED', 'The pool has been disposed of');
}

/** Hands jobs to threads: a thread does one at a time, those that find none free wait. */
export class ThreadPool {
  readonly size: number;
  readonly #members = new Set<Member>();
  readonly #waiting: Job[] = [];
  #jobs = 0;
  #disposed = false;

  /** @throws ShvqError BAD_INPUT */
  constructor(
    private readonly settings: PoolSettings,
    private readonly start: () => WorkerLike,
  ) {
    const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
    const { size = poolSize(navigator?.hardwareConcurrency) } = settings;
    if (!Number.isInteger(size) || size < 1 || size > 64) {
      throw new ShvqError('BAD_INPUT', `size is ${String(size)}, not an integer in 1..64`);
    }
    this.size = size;
  }

  #add(): Member {
    const member: Member = new Member(
      this.start,
      () => this.#next(),
      () => {
        this.#members.delete(member);
        this.#next();
      },
    );
    this.#members.add(member);
    member.open(this.settings);
    return member;
  }

  /** Gives waiting jobs to threads that are free, or to new ones. */
  #next(): void {
    while (this.#waiting.length > 0) {
      let member = [...this.#members].find(({ job }) => !job);
      if (!member && this.#members.size === this.size) return;
      const job = this.#waiting.shift()!;
      try {
        member ??= this.#add();
      } catch (error) {
        job.reject(error);
        continue;
      }
      member.run(job);
    }
  }

  #assertUsable(): void {
    if (this.#disposed) throw disposed();
  }

  /**
   * Starts a thread if there is none, and waits until its script runs.
   *
   * @throws ShvqError ENVIRONMENT where the host has no workers or refuses this one; BAD_INPUT for
   *   settings that cannot be cloned
   */
  async ready(): Promise<void> {
    this.#assertUsable();
    const [first = this.#add()] = this.#members;
    await first.ready;
  }

  /**
   * Has a call answered by a thread.
   *
   * @param transfer Buffers of the call that are given away.
   * @param hear What it throws ends the call, which fails with it.
   * @throws ShvqError what the call fails with; ABORTED as soon as the signal fires, while the
   *   thread stops within a megapixel of work; ENVIRONMENT if the thread cannot be started or dies
   */
  async run<K extends Call['kind']>(
    call: Extract<Call, { kind: K }> | (Call & { kind: K }),
    transfer: ArrayBuffer[],
    signal: AbortSignalLike | undefined,
    hear: Hear = () => {},
  ): Promise<Answers[K]> {
    this.#assertUsable();
    checkAborted(signal);
    const id = this.#jobs++;
    let abort: (() => void) | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const stop = (error: unknown) => {
          this.#cancel(id);
          reject(error);
        };
        abort = () => stop(new ShvqError('ABORTED', 'Aborted', { cause: signal?.reason }));
        signal?.addEventListener('abort', abort);
        this.#waiting.push({
          id,
          call,
          transfer,
          hear: (done) => {
            if (signal?.aborted) return;
            try {
              hear(done);
            } catch (error) {
              stop(error);
            }
          },
          resolve: (answer) => resolve(answer as Answers[K]),
          reject,
        });
        this.#next();
      });
    } finally {
      if (abort) signal?.removeEventListener('abort', abort);
    }
  }

  #cancel(id: number): void {
    const at = this.#waiting.findIndex((job) => job.id === id);
    if (at >= 0) this.#waiting.splice(at, 1);
    for (const member of this.#members) member.abort(id);
  }

  /** Ends all threads at once. What runs, waits or comes later fails with ABORTED. */
  dispose(): void {
    this.#disposed = true;
    const error = disposed();
    for (const job of this.#waiting.splice(0)) job.reject(error);
    for (const member of [...this.#members]) member.fail(error);
  }
}
