import type { ShvqErrorCode } from '../format/errors.js';
import type {
  DecodedImage,
  DecodeOptions,
  DecoderSettings,
  EncodeOptions,
  EncoderSettings,
  EngineInfo,
  ImageLike,
} from '../types.js';

/**
 * What the caller's side and a worker thread say to each other. Everything can be cloned; buffers
 * are transferred.
 */

/** An error on its way: errors of one realm are no errors of another. */
export interface Fault {
  /** Left out for an error that is not one of the SDK's. */
  readonly code?: ShvqErrorCode | undefined;
  readonly message: string;
  readonly offset?: number | undefined;
  readonly tile?: number | undefined;
  readonly cause?: Fault | undefined;
}

/** Options without what cannot be cloned; abort and progress have messages of their own. */
export type Cloneable<T> = Omit<T, 'signal' | 'onProgress'>;

/** What a thread can be asked for. */
export type Call =
  | { readonly kind: 'load'; readonly part: 'decoder' | 'encoder' }
  | {
      readonly kind: 'decode';
      readonly bytes: Uint8Array;
      readonly options: Cloneable<DecodeOptions>;
    }
  | {
      readonly kind: 'encode';
      readonly image: ImageLike;
      readonly options: Cloneable<EncodeOptions>;
    };

/** What comes of a call. */
export interface Answers {
  load: EngineInfo;
  decode: Omit<DecodedImage, 'errors'> & { readonly errors: readonly Fault[] };
  encode: Uint8Array<ArrayBuffer>;
}

/** From the caller's side to the thread. `open` comes first and once. */
export type Request =
  | {
      readonly type: 'open';
      readonly decoder: DecoderSettings | undefined;
      readonly encoder: EncoderSettings | undefined;
    }
  | { readonly type: 'call'; readonly id: number; readonly call: Call }
  | { readonly type: 'abort'; readonly id: number };

/** From the thread. `ready` comes first and once. */
export type Reply =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly id: number; readonly done: number }
  | { readonly type: 'done'; readonly id: number; readonly answer: Answers[Call['kind']] }
  | { readonly type: 'failed'; readonly id: number; readonly fault: Fault };
