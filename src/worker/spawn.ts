import { ShvqError } from '../format/errors.js';
import type { Reply, Request } from './messages.js';

/** The part of a Worker of the web (browsers, Deno, Bun) that is used. */
export interface WebWorkerLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): unknown;
  addEventListener(
    type: 'message' | 'messageerror' | 'error',
    listener: (event: { data?: unknown; message?: string }) => void,
  ): void;
}

/** The part of a Worker of Node's worker_threads that is used. */
export interface NodeWorkerLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): unknown;
  on(type: string, listener: (value: unknown) => void): unknown;
}

export type WorkerLike = WebWorkerLike | NodeWorkerLike;

/** A running worker, whatever the host's kind is. */
export interface Thread {
  post(message: Request, transfer: ArrayBuffer[]): void;
  terminate(): void;
  /** Whether the process has to wait for it, in hosts whose processes end by themselves. */
  hold(busy: boolean): void;
}

export interface ThreadEvents {
  reply(message: Reply): void;
  /** The thread is of no use any more. */
  broken(error: ShvqError): void;
}

interface NodeProcess {
  getBuiltinModule?(name: string): {
    Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorkerLike;
  };
}

function broken(reason: string, cause?: unknown): ShvqError {
  return new ShvqError('ENVIRONMENT', `The worker thread failed: ${reason}`, { cause });
}

/**
 * Starts a worker by whatever the host has.
 *
 * @param web Starts it as the web does. It holds `new Worker(new URL('./name', import.meta.url))` word
 *   by word, which is what bundlers look for.
 * @param name The script's name, beside the module at `base`.
 * @throws ShvqError ENVIRONMENT where the host has no workers or refuses this one
 */
export function startWorker(web: () => WorkerLike, name: string, base: string): WorkerLike {
  try {
    if (typeof Worker === 'function') return web();
    const { process } = globalThis as unknown as { process?: NodeProcess };
    const threads = process?.getBuiltinModule?.('node:worker_threads');
    // Flags of the process, such as --input-type, need not suit the thread.
    if (threads) return new threads.Worker(new URL(name, base), { execArgv: [] });
  } catch (cause) {
    throw broken(`the host does not start ${name}`, cause);
  }
  throw broken('the host has no Worker (browsers, Deno, Bun, and Node from 20.16 on have it)');
}

/** Listens to a worker that has been started. */
export function listen(worker: WorkerLike, events: ThreadEvents): Thread {
  const unreadable = () => events.broken(broken('a message could not be read'));
  if ('addEventListener' in worker) {
    worker.addEventListener('message', ({ data }) => events.reply(data as Reply));
    worker.addEventListener('messageerror', unreadable);
    // Where the script could not be loaded, the event says nothing.
    worker.addEventListener('error', ({ message }) =>
      events.broken(broken(message || 'its script could not be loaded')),
    );
  } else {
    worker.on('message', (data) => events.reply(data as Reply));
    worker.on('messageerror', unreadable);
    worker.on('error', (error) =>
      events.broken(broken(error instanceof Error ? error.message : String(error), error)),
    );
    worker.on('exit', (code) => events.broken(broken(`it ended with exit code ${code}`)));
  }
  const { ref, unref } = worker as { ref?(): void; unref?(): void };
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    hold: (busy) => (busy ? ref : unref)?.call(worker),
  };
}
