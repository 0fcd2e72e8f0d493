import { createDecoder } from '../decode.js';
import { createEncoder } from '../encode.js';
import { ShvqError } from '../format/errors.js';
import type { AbortSignalLike, Decoder, Encoder } from '../types.js';
import { toFault } from './faults.js';
import type { Answers, Call, Reply, Request } from './messages.js';

/** The thread's end of the line. */
export interface Port {
  post(reply: Reply, transfer: ArrayBuffer[]): void;
  listen(receive: (request: Request) => void): void;
}

/** A signal that fires by a message. AbortController is no part of every host. */
class Abort implements AbortSignalLike {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  fire(): void {
    this.aborted = true;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** An answer, and the buffers that go with it. */
type Outcome = [answer: Answers[Call['kind']], transfer: ArrayBuffer[]];

/** Runs what it is asked for with a decoder and an encoder of its own. */
class Server {
  #decoder: Decoder | undefined;
  #encoder: Encoder | undefined;
  readonly #calls = new Map<number, Abort>();

  constructor(
    private readonly port: Port,
    private readonly settings: Extract<Request, { type: 'open' }>,
  ) {}

  /** @throws ShvqError BAD_INPUT for settings that are wrong, as an answer to a call */
  #decoding(): Decoder {
    this.#decoder ??= createDecoder(this.settings.decoder);
    return this.#decoder;
  }

  /** @throws ShvqError BAD_INPUT */
  #encoding(): Encoder {
    this.#encoder ??= createEncoder(this.settings.encoder);
    return this.#encoder;
  }

  async #run(call: Call, id: number, signal: Abort): Promise<Outcome> {
    const onProgress = (done: number) => this.port.post({ type: 'progress', id, done }, []);
    switch (call.kind) {
      case 'load':
        return [await (call.part === 'decoder' ? this.#decoding() : this.#encoding()).load(), []];
      case 'decode': {
        const options = { ...call.options, signal, onProgress };
        const { errors, ...image } = await this.#decoding().decode(call.bytes, options);
        return [{ ...image, errors: errors.map(toFault) }, [image.data.buffer]];
      }
      case 'encode': {
        const options = { ...call.options, signal, onProgress };
        const file = await this.#encoding().encode(call.image, options);
        return [file, [file.buffer]];
      }
    }
  }

  async call(id: number, call: Call): Promise<void> {
    const signal = new Abort();
    this.#calls.set(id, signal);
    try {
      const [answer, transfer] = await this.#run(call, id, signal);
      this.port.post({ type: 'done', id, answer }, transfer);
    } catch (error) {
      this.port.post({ type: 'failed', id, fault: toFault(error) }, []);
    } finally {
      this.#calls.delete(id);
    }
  }

  abort(id: number): void {
    this.#calls.get(id)?.fire();
  }
}

/** Serves one caller until the thread is ended. */
export function serve(port: Port): void {
  let server: Server | undefined;
  port.listen((request) => {
    if (request.type === 'open') server = new Server(port, request);
    else if (!server) throw new ShvqError('BAD_INPUT', 'The thread has not been opened');
    else if (request.type === 'abort') server.abort(request.id);
    else void server.call(request.id, request.call);
  });
  port.post({ type: 'ready' }, []);
}
