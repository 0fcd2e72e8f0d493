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
 * Starts `worker-thread.js`, which lies beside this module.
 *
 * @throws ShvqError ENVIRONMENT where the host has no workers or refuses this one
 */
function start(): WorkerLike {
  try {
    if (typeof Worker === 'function') {
      // Bundlers look for exactly this expression.
      return new Worker(new URL('./worker-thread.js', import.meta.url), { type: 'module' });
    }
    const { process } = globalThis as unknown as { process?: NodeProcess };
    const threads = process?.getBuiltinModule?.('node:worker_threads');
    if (threads) {
      // Not that expression, or bundlers would take the file a second time.
      const name = './worker-thread.js';
      // Flags of the process, such as --input-type, need not suit the thread.
      return new threads.Worker(new URL(name, import.meta.url), { execArgv: [] });
    }
  } catch (cause) {
    throw broken('the host does not start worker-thread.js', cause);
  }
  throw broken('the host has no Worker (browsers, Deno, Bun, and Node from 20.16 on have it)');
}

function listen(worker: WorkerLike, events: ThreadEvents): void {
  const unreadable = () => events.broken(broken('a message could not be read'));
  if ('addEventListener' in worker) {
    worker.addEventListener('message', ({ data }) => events.reply(data as Reply));
    worker.addEventListener('messageerror', unreadable);
    // Where the script could not be loaded, the event says nothing.
    worker.addEventListener('error', ({ message }) =>
      events.broken(broken(message || 'worker-thread.js could not be loaded')),
    );
    return;
  }
  worker.on('message', (data) => events.reply(data as Reply));
  worker.on('messageerror', unreadable);
  worker.on('error', (error) =>
    events.broken(broken(error instanceof Error ? error.message : String(error), error)),
  );
  worker.on('exit', (code) => events.broken(broken(`it ended with exit code ${code}`)));
}

/**
 * Starts a worker and listens to it.
 *
 * @param make Makes a worker that runs `shvq/worker-thread`; left out: the file beside this module.
 * @throws ShvqError ENVIRONMENT
 */
export function spawn(make: (() => WorkerLike) | undefined, events: ThreadEvents): Thread {
  const worker = (make ?? start)();
  listen(worker, events);
  const { ref, unref } = worker as { ref?(): void; unref?(): void };
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    hold: (busy) => (busy ? ref : unref)?.call(worker),
  };
}
