import type { BitCoder } from '../../entropy/adaptive.js';
import { ESCAPE, ESCAPE_BITS, LOW, MAGNITUDE, SCALES, SIGN, UNARY, ZERO } from './contexts.js';
import { log2 } from './log2.js';
import type { SequenceParameters } from './parameters.js';

/** Values for the predictor are clamped to this, in units of 2^shift. */
const VALUE_MAX = 1023;
const PREDICTION_MAX = 16383;
const GAIN_MAX = 2 ** 17;
const TAP_MAX = 2 ** 17;

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

/**
 * Codes a sequence of integers, each as its difference from what a normalized LMS filter expects,
 * under contexts that say how large differences were nearby: docs/weights-format.md, section 6.
 *
 * @param values |value| < 2^30; written when `coder` reads.
 */
export function codeSequence(
  coder: BitCoder,
  values: Int32Array,
  { lags, period, rate, row, scale, shift }: SequenceParameters,
): void {
  const taps = new Int32Array(period * lags.length);
  const x = new Int32Array(lags.length);
  const columns = new Int32Array(Math.ceil(row / period)).fill(-1);
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  let near = scale;
  let run = scale;
  let power = 1024;
  let phase = 0;
  let column = 0;
  for (let n = 0; n < values.length; n++) {
    const first = phase * lags.length;
    let sum = 0;
    for (let j = 0; j < lags.length; j++) {
      const lag = lags[j]!;
      const past = n < lag ? 0 : clamp((values[n - lag]! + half) >> shift, VALUE_MAX);
      x[j] = past;
      sum += taps[first + j]! * past;
    }
    // In units of 2^shift / 16.
    const prediction = clamp((sum + 2048) >> 12, PREDICTION_MAX);
    const guess = ((prediction << shift) + 8) >> 4;

    const own = columns[column]! < 0 ? run : columns[column]!;
    const logs = log2(run + 6) + log2(own + 6) + log2(near + 6);
    const z = Math.min(Math.max(((logs - 108) * 57) >> 10, 0), SCALES - 1);
    const low = Math.max(0, ((logs / 48) | 0) - 9 + shift);
    const spread = (((run + own + near) * 85) >> 12) + 2;
    const side = Math.abs(prediction) * 8;
    const lean =
      (side >= spread ? 1 : 0) +
      (side >= 3 * spread ? 1 : 0) +
      (side >= 5 * spread ? 1 : 0) +
      (side >= 7 * spread ? 1 : 0);
    const far = Math.min(2, Math.abs(guess));

    const residual = codeResidual(
      coder,
      (values[n]! - guess) | 0,
      z,
      far,
      lean,
      low,
      prediction < 0 ? 1 : 0,
    );
    // A damaged file may lead beyond 32 bits: wraps.
    const actual = (guess + residual) | 0;
    values[n] = actual;

    const scaled = clamp((actual + half) >> shift, VALUE_MAX);
    const error = (scaled << 4) - prediction;
    const gain = clamp(Math.trunc((error << rate) / (power + 64)), GAIN_MAX);
    for (let j = 0; j < lags.length; j++) {
      taps[first + j] = clamp(taps[first + j]! + ((gain * x[j]! + 2) >> 2), TAP_MAX);
    }
    power += (scaled * scaled * 256 - power) >> 8;
    const magnitude = Math.abs(error) << 4;
    near += (magnitude - near) >> 2;
    run += (magnitude - run) >> 6;
    columns[column] = columns[column]! < 0 ? magnitude : own + ((magnitude - own) >> 3);
    if (++phase === period) {
      phase = 0;
      if (++column >= columns.length) column = 0;
    }
  }
}

function codeResidual(
  coder: BitCoder,
  residual: number,
  z: number,
  far: number,
  lean: number,
  low: number,
  negative: number,
): number {
  const size = Math.abs(residual);
  const sign = (residual < 0 ? 1 : 0) ^ negative;
  const signContext = SIGN + (Math.min(9, z >> 2) * 3 + far) * 5 + lean;
  let high = size >> low;
  let against = sign;
  let agreement = 0;
  if (coder.code(ZERO + (z * 3 + far) * 5 + lean, high > 0 ? 1 : 0)) {
    against = coder.code(signContext, sign);
    agreement = lean < 2 ? 0 : 1 + against;
    high = codeMagnitude(coder, high, MAGNITUDE + (z * 3 + agreement) * 16);
  } else high = 0;
  let magnitude = high;
  const lowContext = LOW + (z * 3 + Math.min(2, high)) * 2;
  for (let i = low - 1; i >= 0; i--) {
    const bit = coder.code(i === low - 1 ? lowContext : lowContext + 1, (size >> i) & 1);
    magnitude = (magnitude << 1) | bit;
  }
  if (high === 0 && magnitude > 0) against = coder.code(signContext, sign);
  return against ^ negative ? -magnitude : magnitude;
}

function codeMagnitude(coder: BitCoder, magnitude: number, context: number): number {
  let m = 1;
  while (m < UNARY && coder.code(context + m, magnitude > m ? 1 : 0)) m++;
  if (m < UNARY) return m;
  const rest = magnitude - UNARY + 1;
  const bits = 31 - Math.clz32(rest);
  let n = 0;
  while (n < 30 && coder.code(ESCAPE + n, bits > n ? 1 : 0)) n++;
  let value = 1;
  for (let i = n - 1; i >= 0; i--)
    value = (value << 1) | coder.code(ESCAPE_BITS + i, (rest >> i) & 1);
  return value + UNARY - 1;
}
