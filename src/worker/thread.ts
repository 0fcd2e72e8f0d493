import { ShvqError } from '../format/errors.js';
import type { DecoderEngines } from '../runtime/decoder-engines.js';
import { Pace } from '../runtime/drive.js';
import type { DecoderSettings, Encoder, EncoderSettings } from '../types.js';
import { Abort } from './abort.js';
import { toFault } from './faults.js';
import type { Answer, Call, Reply, Request } from './messages.js';
import { decodeAlphaPart, decodeTilePart, makeBandPart, survey } from './parts.js';

/** The thread's end of the line. */
export interface Port {
  post(reply: Reply, transfer: ArrayBuffer[]): void;
  listen(receive: (request: Request) => void): void;
}

/** What the thread decodes and encodes with. */
export interface Codec {
  openDecoders(settings: DecoderSettings): DecoderEngines;
  createEncoder(settings?: EncoderSettings): Encoder;
}

/** An answer, and the buffers that go with it. */
type Outcome = [answer: Answer, transfer: ArrayBuffer[]];

function giving(answer: Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>): Outcome {
  return [answer, [answer.buffer]] as Outcome;
}

/** Does what it is asked for with decoders and an encoder of its own. */
class Server {
  #decoders: DecoderEngines | undefined;
  #encoder: Encoder | undefined;
  readonly #calls = new Map<number, Abort>();

  constructor(
    private readonly port: Port,
    private readonly codec: Codec,
    private readonly settings: Extract<Request, { type: 'open' }>,
  ) {}

  get #decoding(): DecoderEngines {
    this.#decoders ??= this.codec.openDecoders(this.settings.decoder ?? {});
    return this.#decoders;
  }

  /** @throws ShvqError BAD_INPUT for settings that are wrong, as an answer to a call */
  get #encoding(): Encoder {
    this.#encoder ??= this.codec.createEncoder(this.settings.encoder);
    return this.#encoder;
  }

  async #run(id: number, call: Call, signal: Abort): Promise<Outcome> {
    const onProgress = (done: number) => this.port.post({ type: 'progress', id, done }, []);
    const pace = new Pace({ signal, onProgress });
    switch (call.kind) {
      case 'load':
        return [await (call.part === 'decoder' ? this.#decoding : this.#encoding).load(), []];
      case 'survey':
        return [await survey(this.#decoding, call.request), []];
      case 'tile':
        return giving(await decodeTilePart(this.#decoding, call.request));
      case 'alpha':
        return giving(await decodeAlphaPart(call.request, pace));
      case 'band':
        return giving(await makeBandPart(this.#decoding, call.request, pace));
      case 'encode': {
        const options = { ...call.options, signal, onProgress };
        return giving(await this.#encoding.encode(call.image, options));
      }
    }
  }

  async call(id: number, call: Call): Promise<void> {
    const signal = new Abort();
    this.#calls.set(id, signal);
    try {
      const [answer, transfer] = await this.#run(id, call, signal);
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
export function serve(port: Port, codec: Codec): void {
  let server: Server | undefined;
  port.listen((request) => {
    if (request.type === 'open') server = new Server(port, codec, request);
    else if (!server) throw new ShvqError('BAD_INPUT', 'The thread has not been opened');
    else if (request.type === 'call') void server.call(request.id, request.call);
    else server.abort(request.id);
  });
  port.post({ type: 'ready' }, []);
}
