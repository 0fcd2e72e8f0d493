import type { ShvqErrorCode } from '../format/errors.js';
import type {
  DecoderSettings,
  EncodeOptions,
  EncoderSettings,
  EngineInfo,
  ImageLike,
} from '../types.js';
import type { AlphaRequest, BandRequest, Survey, SurveyRequest, TileRequest } from './parts.js';

/**
 * What the caller's side and a worker thread say to each other. Everything can be cloned; buffers
 * are transferred.
 */

/** An error on its way: errors of one realm are no errors of another. */
export interface Fault {
  /** Left out for an error that is not one of the SDK's. */
  readonly code?: ShvqErrorCode | undefined;
  readonly message: string;
  readonly needed?: number | undefined;
  readonly offset?: number | undefined;
  readonly tensor?: string | undefined;
  readonly tile?: number | undefined;
  readonly cause?: Fault | undefined;
}

/** Options without what cannot be cloned; abort and progress have messages of their own. */
export type Cloneable<T> = Omit<T, 'signal' | 'onProgress'>;

/** What a thread can be asked for. */
export type Call =
  | { readonly kind: 'load'; readonly part: 'decoder' | 'encoder' }
  | { readonly kind: 'survey'; readonly request: SurveyRequest }
  | { readonly kind: 'tile'; readonly request: TileRequest }
  | { readonly kind: 'alpha'; readonly request: AlphaRequest }
  | { readonly kind: 'band'; readonly request: BandRequest }
  | {
      readonly kind: 'encode';
      readonly image: ImageLike;
      readonly options: Cloneable<EncodeOptions>;
    };

/** What comes of a call. */
export interface Answers {
  load: EngineInfo;
  survey: Survey;
  tile: Uint8Array<ArrayBuffer>;
  alpha: Uint8Array<ArrayBuffer>;
  band: Uint8ClampedArray<ArrayBuffer>;
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
  | { readonly type: 'abort'; readonly id: number };

/** From the thread, while a call runs. */
export interface Note {
  readonly type: 'progress';
  readonly id: number;
  readonly done: number;
}

/** From the thread. `ready` comes first and once. */
export type Reply =
  | { readonly type: 'ready' }
  | Note
  | { readonly type: 'done'; readonly id: number; readonly answer: Answer }
  | { readonly type: 'failed'; readonly id: number; readonly fault: Fault };
