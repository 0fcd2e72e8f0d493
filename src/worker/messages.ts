import type { ShvqErrorCode } from '../format/errors.js';
import type {
  DecodedImage,
  DecodedInfo,
  DecodedStrip,
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

/** Errors become faults on the way. */
export type Sent<T extends DecodedInfo> = Omit<T, 'errors'> & { readonly errors: readonly Fault[] };

/** Options without what cannot be cloned; abort and progress have messages of their own. */
export type Cloneable<T> = Omit<T, 'signal' | 'onProgress'>;

/** What a thread can be asked for. */
export type Call =
  | { readonly kind: 'load'; readonly part: 'decoder' | 'encoder' }
  | {
      /** `rows`: strip by strip. */
      readonly kind: 'decode' | 'rows';
      /** Left out: the thread pulls the bytes as it needs them. */
      readonly bytes: Uint8Array | undefined;
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
  decode: Sent<DecodedImage>;
  /** All strips have been sent; the errors that have come since the last. */
  rows: readonly Fault[];
  encode: Uint8Array<ArrayBuffer>;
}

export type Answer = Answers[Call['kind']];

/** From the caller's side to the thread. `open` comes first and once. */
export type Request =
  | {
      readonly type: 'open';
      readonly decoder: DecoderSettings | undefined;
      readonly encoder: EncoderSettings | undefined;
    }
  | { readonly type: 'call'; readonly id: number; readonly call: Call }
  | { readonly type: 'abort'; readonly id: number }
  /** The next bytes of the stream; none at its end. */
  | { readonly type: 'chunk'; readonly id: number; readonly chunk: Uint8Array | undefined }
  /** A strip has been taken. */
  | { readonly type: 'taken'; readonly id: number };

/** From the thread, while a call runs. */
export type Note =
  | { readonly type: 'progress'; readonly id: number; readonly done: number }
  /** The next bytes of the stream are needed. */
  | { readonly type: 'pull'; readonly id: number }
  | { readonly type: 'info'; readonly id: number; readonly info: Sent<DecodedInfo> }
  /** `errors`: those that have come since the last strip. */
  | {
      readonly type: 'strip';
      readonly id: number;
      readonly strip: DecodedStrip;
      readonly errors: readonly Fault[];
    };

/** From the thread. `ready` comes first and once. */
export type Reply =
  | { readonly type: 'ready' }
  | Note
  | { readonly type: 'done'; readonly id: number; readonly answer: Answer }
  | { readonly type: 'failed'; readonly id: number; readonly fault: Fault };
