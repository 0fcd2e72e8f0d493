/**
 * The script of a worker thread: `shvq/worker` starts it. Hosts and bundlers that have to be shown
 * it find it as `shvq/worker-thread`:
 *
 *     const thread = () => new Worker(new URL('shvq/worker-thread', import.meta.url), { type: 'module' });
 *     const pool = createPool({ thread });
 */
import { inline } from './delivery/inline.js';
import { createEncoder } from './encode.js';
import { ShvqError } from './format/errors.js';
import { DecoderEngines } from './runtime/decoder-engines.js';
import type { Reply, Request } from './worker/messages.js';
import { type Port, serve } from './worker/thread.js';

/** The globals of a worker of the web. */
interface WebScope {
  postMessage?(reply: Reply, transfer: ArrayBuffer[]): void;
  addEventListener?(type: 'message', listener: (event: { data: Request }) => void): void;
  process?: {
    getBuiltinModule?(name: 'node:worker_threads'): {
      parentPort: {
        postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
        on(type: 'message', listener: (request: Request) => void): void;
      } | null;
    };
  };
}

function openPort(scope: WebScope): Port {
  if (typeof scope.postMessage === 'function') {
    return {
      post: (reply, transfer) => scope.postMessage!(reply, transfer),
      listen: (receive) => scope.addEventListener!('message', ({ data }) => receive(data)),
    };
  }
  const parent = scope.process?.getBuiltinModule?.('node:worker_threads').parentPort;
  if (!parent) throw new ShvqError('ENVIRONMENT', 'shvq/worker-thread runs in worker threads only');
  return {
    post: (reply, transfer) => parent.postMessage(reply, transfer),
    listen: (receive) => parent.on('message', receive),
  };
}

serve(openPort(globalThis as unknown as WebScope), {
  openDecoders: (settings) => new DecoderEngines(inline, settings),
  createEncoder,
});
