/** How a sequence is coded: docs/weights-format.md, section 6. Chosen by the writer, per tensor. */
export interface SequenceParameters {
  /** Elements of a row, which is what the first axis of the scan counts. */
  readonly row: number;
  /** Consecutive elements with a filter of their own each; a row is a whole number of periods. */
  readonly period: number;
  /** How far back the filter's taps look, 1.. each; at most LAGS_MAX of them. */
  readonly lags: readonly number[];
  /** How fast the filter learns, 0..RATE_MAX. */
  readonly rate: number;
  /** Bits that the predictor drops of a value, 0..SHIFT_MAX. */
  readonly shift: number;
  /** Expected magnitude at the start, in units of 2^shift / 256. */
  readonly scale: number;
}

export const LAGS_MAX = 16;
export const PERIOD_MAX = 4096;
export const RATE_MAX = 15;
export const SHIFT_MAX = 16;
