import type { Reply, Request } from './peer-worker.js';
import type { PeerName } from './peers.js';
import type { Encoded, Fidelity, Raster } from './types.js';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** The worker that runs the peers and the metrics; cancelling ends it, the next call starts anew. */
export class PeerClient {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private count = 0;

  measure(source: Raster, decoded: Raster): Promise<Fidelity> {
    return this.ask({ kind: 'measure', source, decoded });
  }

  run(codec: PeerName, source: Raster, bytes: number): Promise<Encoded> {
    return this.ask({ kind: 'peer', codec, source, bytes });
  }

  /** Ends what is running; its promises are rejected with an AbortError. */
  cancel(): void {
    this.worker?.terminate();
    this.worker = undefined;
    for (const [id, settle] of this.waiting) settle({ id, error: CANCELLED });
    this.waiting.clear();
  }

  private ask<T>(request: WithoutId<Request>): Promise<T> {
    this.worker ??= this.start();
    const id = this.count++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, (reply) => {
        if ('value' in reply) resolve(reply.value as T);
        else if (reply.error === CANCELLED) reject(new DOMException(CANCELLED, 'AbortError'));
        else reject(new Error(reply.error));
      });
      this.worker!.postMessage({ ...request, id });
    });
  }

  private start(): Worker {
    const worker = new Worker(new URL('./peer-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data: reply }: MessageEvent<Reply>) => {
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    };
    worker.onerror = (event) => {
      for (const [id, settle] of this.waiting) settle({ id, error: event.message });
      this.waiting.clear();
    };
    return worker;
  }
}

const CANCELLED = 'Cancelled';
