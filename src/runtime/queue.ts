import { ShvqError } from '../format/errors.js';
import type { AbortSignalLike } from '../types.js';

/** Runs tasks one after the other: those that share an engine's memory. */
export class Queue {
  #tail: Promise<void> = Promise.resolve();

  /**
   * @throws ShvqError ABORTED as soon as the signal fires, also while the task waits; the task
   *   itself must look at the signal to stop
   */
  run<T>(task: () => Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
    const result = this.#tail.then(task);
    // Without the result, which would stay in memory until the next one.
    this.#tail = result.then(
      () => {},
      () => {},
    );
    if (!signal) return result;
    return new Promise((resolve, reject) => {
      const abort = () => reject(new ShvqError('ABORTED', 'Aborted', { cause: signal.reason }));
      signal.addEventListener('abort', abort);
      result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }
}
