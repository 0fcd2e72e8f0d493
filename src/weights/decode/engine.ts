import type { EngineBuild } from '../../runtime/engine.js';
import type { SequenceParameters } from '../coder/parameters.js';

/** What decodes the arithmetic codes of one file; all engines give the same integers. */
export interface CodeReader {
  /** Goes on with the next block's arithmetic code. @throws ShvqError CORRUPT */
  resume(code: Uint8Array): void;
  /** @returns `count` integers, valid until the next call. */
  sequence(count: number, parameters: SequenceParameters): Int32Array;
  /** @returns `count` indices of vectors, valid until the next call. */
  indices(count: number, row: number): Int32Array;
  /** Fills in the coded bytes of elements: `codePlanes`. */
  planes(elements: Uint8Array, width: number, raw: number): void;
}

export interface WeightsEngine {
  readonly build: EngineBuild;
  /** A reader with nothing learned. */
  open(): CodeReader;
}
