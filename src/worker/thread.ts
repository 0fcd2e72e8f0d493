import { ShvqError } from '../format/errors.js';
import type {
  ByteSource,
  DecodedInfo,
  DecodedRows,
  Decoder,
  DecoderSettings,
  Encoder,
  EncoderSettings,
} from '../types.js';
import { Abort } from './abort.js';
import { toFault } from './faults.js';
import type { Answer, Call, Fault, Reply, Request, Sent } from './messages.js';
import { PulledStream } from './pulled-stream.js';

/** The thread's end of the line. */
export interface Port {
  post(reply: Reply, transfer: ArrayBuffer[]): void;
  listen(receive: (request: Request) => void): void;
}

/** What the thread decodes and encodes with. */
export interface Codec {
  createDecoder(settings?: DecoderSettings): Decoder;
  createEncoder(settings?: EncoderSettings): Encoder;
}

/** Strips on their way, or waiting for whoever iterates: memory is bounded by them. */
const STRIPS_AHEAD = 8;

/** Waits until strips have been taken. */
class Flow {
  #ahead = 0;
  #wake: () => void = () => {};

  taken(): void {
    this.#ahead--;
    this.#wake();
  }

  /** @throws ShvqError ABORTED */
  async room(signal: Abort): Promise<void> {
    while (this.#ahead >= STRIPS_AHEAD) {
      if (signal.aborted) throw new ShvqError('ABORTED', 'Aborted');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', resolve);
      });
    }
    this.#ahead++;
  }
}

/** A call that runs. */
interface Running {
  readonly signal: Abort;
  readonly stream: PulledStream;
  readonly flow: Flow;
}

/** An answer, and the buffers that go with it. */
type Outcome = [answer: Answer, transfer: ArrayBuffer[]];

function toSent<T extends DecodedInfo>(image: T): Sent<T> {
  return { ...image, errors: image.errors.map(toFault) };
}

/** Runs what it is asked for with a decoder and an encoder of its own. */
class Server {
  #decoder: Decoder | undefined;
  #encoder: Encoder | undefined;
  readonly #calls = new Map<number, Running>();

  constructor(
    private readonly port: Port,
    private readonly codec: Codec,
    private readonly settings: Extract<Request, { type: 'open' }>,
  ) {}

  /** @throws ShvqError BAD_INPUT for settings that are wrong, as an answer to a call */
  #decoding(): Decoder {
    this.#decoder ??= this.codec.createDecoder(this.settings.decoder);
    return this.#decoder;
  }

  /** @throws ShvqError BAD_INPUT */
  #encoding(): Encoder {
    this.#encoder ??= this.codec.createEncoder(this.settings.encoder);
    return this.#encoder;
  }

  async #run(id: number, call: Call, { flow, signal, stream }: Running): Promise<Outcome> {
    const onProgress = (done: number) => this.port.post({ type: 'progress', id, done }, []);
    switch (call.kind) {
      case 'load':
        return [await (call.part === 'decoder' ? this.#decoding() : this.#encoding()).load(), []];
      case 'decode': {
        const options = { ...call.options, signal, onProgress };
        const source: ByteSource = call.bytes ?? stream;
        const image = await this.#decoding().decode(source, options);
        return [toSent(image), [image.data.buffer]];
      }
      case 'rows': {
        const options = { ...call.options, signal, onProgress };
        const source: ByteSource = call.bytes ?? stream;
        const rows = await this.#decoding().decodeRows(source, options);
        return [await this.#sendRows(id, rows, () => flow.room(signal)), []];
      }
      case 'encode': {
        const options = { ...call.options, signal, onProgress };
        const file = await this.#encoding().encode(call.image, options);
        return [file, [file.buffer]];
      }
    }
  }

  /** @returns Errors that no strip has brought. */
  async #sendRows(id: number, rows: DecodedRows, room: () => Promise<void>): Promise<Fault[]> {
    const { [Symbol.asyncIterator]: _, ...info } = rows;
    this.port.post({ type: 'info', id, info: toSent(info) }, []);
    let told = info.errors.length;
    for await (const strip of rows) {
      await room();
      const errors = rows.errors.slice(told).map(toFault);
      told += errors.length;
      this.port.post({ type: 'strip', id, strip, errors }, [strip.data.buffer]);
    }
    return rows.errors.slice(told).map(toFault);
  }

  async call(id: number, call: Call): Promise<void> {
    const stream = new PulledStream(() => this.port.post({ type: 'pull', id }, []));
    const running: Running = { signal: new Abort(), stream, flow: new Flow() };
    this.#calls.set(id, running);
    try {
      const [answer, transfer] = await this.#run(id, call, running);
      this.port.post({ type: 'done', id, answer }, transfer);
    } catch (error) {
      this.port.post({ type: 'failed', id, fault: toFault(error) }, []);
    } finally {
      this.#calls.delete(id);
    }
  }

  /** What the caller's side says of a call that runs. */
  hear(request: Exclude<Request, { type: 'open' | 'call' }>): void {
    const running = this.#calls.get(request.id);
    if (!running) return;
    if (request.type === 'abort') running.signal.fire();
    else if (request.type === 'chunk') running.stream.push(request.chunk);
    else running.flow.taken();
  }
}

/** Serves one caller until the thread is ended. */
export function serve(port: Port, codec: Codec): void {
  let server: Server | undefined;
  port.listen((request) => {
    if (request.type === 'open') server = new Server(port, codec, request);
    else if (!server) throw new ShvqError('BAD_INPUT', 'The thread has not been opened');
    else if (request.type === 'call') void server.call(request.id, request.call);
    else server.hear(request);
  });
  port.post({ type: 'ready' }, []);
}
