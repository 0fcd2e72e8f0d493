import { ShvqError } from '../format/errors.js';
import type { AbortSignalLike } from '../types.js';

/** Pixels of work after which the event loop gets its turn, so that an abort can be seen. */
const PIXELS_A_TURN = 2 ** 18;

/** @throws ShvqError ABORTED if the signal has fired */
export function checkAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted) throw new ShvqError('ABORTED', 'Aborted', { cause: signal.reason });
}

/**
 * Lets the event loop turn. setTimeout is everywhere but costs 1 ms in Node and up to 4 ms in
 * browsers; setImmediate and postTask cost microseconds where they exist. (scheduler.yield would go
 * before the timer that aborts.)
 */
export function turn(): Promise<void> {
  const { scheduler, setImmediate } = globalThis as {
    scheduler?: { postTask?(callback: () => void): Promise<void> };
    setImmediate?(callback: () => void): unknown;
  };
  if (scheduler?.postTask) return scheduler.postTask(() => {});
  return new Promise((resolve) => {
    if (setImmediate) setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/** A piece of work that was done: pixels' worth of it, and the part of the whole, 0..1. */
export interface Step {
  readonly pixels: number;
  readonly done: number;
}

export interface DriveOptions {
  readonly signal?: AbortSignalLike | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Gives the event loop its turns while work goes on, and reports how far it is. */
export class Pace {
  #pixels = 0;

  constructor(private readonly options: DriveOptions) {}

  /**
   * Takes note of a piece of work. To be awaited between pieces of less than a megapixel.
   *
   * @throws ShvqError ABORTED if the signal has fired
   */
  async step({ pixels, done }: Step): Promise<void> {
    const { onProgress, signal } = this.options;
    this.#pixels += pixels;
    if (this.#pixels >= PIXELS_A_TURN) {
      this.#pixels = 0;
      onProgress?.(done);
      await turn();
    }
    checkAborted(signal);
  }
}

/**
 * Runs work that is written as a generator of its steps to its end, or to an error or an abort, when
 * its `finally` runs.
 *
 * @throws ShvqError ABORTED within a megapixel's work after the signal fires
 */
export async function drive<T>(steps: Generator<Step, T>, options: DriveOptions): Promise<T> {
  const pace = new Pace(options);
  checkAborted(options.signal);
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await pace.step(step.value);
    }
  } finally {
    steps.return(undefined as T);
  }
}
