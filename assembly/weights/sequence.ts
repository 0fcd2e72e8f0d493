/** The sequences of src/weights/coder/sequence.ts; there is what it means. */
import { bit, ones } from './bits';
import { ESCAPE, ESCAPE_BITS, LOW, MAGNITUDE, SCALES, SIGN, UNARY, ZERO } from './layout';
import { log2, scaleOf } from './scale';

const VALUE_MAX = 1023;
const PREDICTION_MAX = 16383;
const GAIN_MAX = 1 << 17;
const TAP_MAX = 1 << 17;

// @ts-ignore: decorator
@inline
function clamp(value: i32, limit: i32): i32 {
  return max(-limit, min(limit, value));
}

/** A magnitude of at least 1. */
function magnitudeFrom(context: i32): i32 {
  const m = 1 + ones(context + 1, UNARY - 1);
  if (m < UNARY) return m;
  const n = ones(ESCAPE, 30);
  let value = 1;
  for (let i = n - 1; i >= 0; i--) value = (value << 1) | bit(ESCAPE_BITS + i);
  return value + UNARY - 1;
}

function residualOf(z: i32, far: i32, lean: i32, low: i32, negative: u32): i32 {
  const signContext = SIGN + (min(9, z >> 2) * 3 + far) * 5 + lean;
  let high = 0;
  let against: u32 = 0;
  if (bit(ZERO + (z * 3 + far) * 5 + lean)) {
    against = bit(signContext);
    const agreement = lean < 2 ? 0 : 1 + against;
    high = magnitudeFrom(MAGNITUDE + (z * 3 + agreement) * 16);
  }
  let magnitude = high;
  if (low > 0) {
    const lowContext = LOW + (z * 3 + min(2, high)) * 2;
    magnitude = (magnitude << 1) | bit(lowContext);
    for (let i = 1; i < low; i++) magnitude = (magnitude << 1) | bit(lowContext + 1);
    if (high == 0 && magnitude > 0) against = bit(signContext);
  }
  return against ^ negative ? -magnitude : magnitude;
}

/**
 * Decodes a sequence.
 *
 * @param values i32 [count], written.
 * @param columns i32 [columnCount], all -1.
 * @param lags i32 [lagCount], a multiple of four; 0 where unused. Addresses below `values` by as much
 *   are valid, and what lies there does not matter.
 * @param taps i32 [period][lagCount], all 0.
 * @param x i32 [lagCount], scratch.
 */
export function decodeSequence(
  values: usize,
  count: i32,
  columns: usize,
  columnCount: i32,
  lags: usize,
  lagCount: i32,
  taps: usize,
  x: usize,
  period: i32,
  rate: i32,
  shift: i32,
  scale: i32,
): void {
  const half = shift > 0 ? 1 << (shift - 1) : 0;
  const bytes = <usize>lagCount << 2;
  // Vectors take all lags; without them, those that are unused would be a fourth of the work.
  let used = bytes;
  if (!ASC_FEATURE_SIMD) {
    while (used > 0 && load<i32>(lags + used - 4) == 0) used -= 4;
  }
  let near = scale;
  let run = scale;
  let power = 1024;
  let phase = 0;
  let filter = taps;
  let column = columns;
  const lastColumn = columns + (<usize>(columnCount - 1) << 2);
  for (let n = 0; n < count; n++) {
    const at = values + (<usize>n << 2);
    store<i32>(at, 0);
    let sum = 0;
    if (ASC_FEATURE_SIMD) {
      let sums = i32x4.splat(0);
      for (let j: usize = 0; j < bytes; j += 16) {
        let past = v128.load_zero<i32>(at - (<usize>load<i32>(lags + j) << 2));
        past = v128.load_lane<i32>(at - (<usize>load<i32>(lags + j, 4) << 2), past, 1);
        past = v128.load_lane<i32>(at - (<usize>load<i32>(lags + j, 8) << 2), past, 2);
        past = v128.load_lane<i32>(at - (<usize>load<i32>(lags + j, 12) << 2), past, 3);
        past = i32x4.shr_s(i32x4.add(past, i32x4.splat(half)), shift);
        past = i32x4.max_s(
          i32x4.min_s(past, i32x4.splat(VALUE_MAX)),
          i32x4.splat(-VALUE_MAX),
        );
        past = v128.andnot(past, i32x4.gt_s(v128.load(lags + j), i32x4.splat(n)));
        v128.store(x + j, past);
        sums = i32x4.add(sums, i32x4.mul(v128.load(filter + j), past));
      }
      sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
      sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
    } else {
      for (let j: usize = 0; j < used; j += 4) {
        const lag = load<i32>(lags + j);
        let past = 0;
        if (n >= lag) past = clamp((load<i32>(at - (<usize>lag << 2)) + half) >> shift, VALUE_MAX);
        store<i32>(x + j, past);
        sum += load<i32>(filter + j) * past;
      }
    }
    const prediction = clamp((sum + 2048) >> 12, PREDICTION_MAX);
    const guess = ((prediction << shift) + 8) >> 4;

    const known = load<i32>(column);
    const own = known < 0 ? run : known;
    const logs = log2(run + 6) + log2(own + 6) + log2(near + 6);
    const z = scaleOf(logs);
    const low = max(0, logs / 48 - 9 + shift);
    const spread = (((run + own + near) * 85) >> 12) + 2;
    const side = abs(prediction) << 3;
    const lean =
      i32(side >= spread) +
      i32(side >= 3 * spread) +
      i32(side >= 5 * spread) +
      i32(side >= 7 * spread);
    const far = min(2, abs(guess));

    const actual = guess + residualOf(z, far, lean, low, u32(prediction < 0));
    store<i32>(at, actual);

    const scaled = clamp((actual + half) >> shift, VALUE_MAX);
    const error = (scaled << 4) - prediction;
    if (bytes > 0) {
      const gain = clamp((error << rate) / (power + 64), GAIN_MAX);
      if (ASC_FEATURE_SIMD) {
        const gains = i32x4.splat(gain);
        const two = i32x4.splat(2);
        for (let j: usize = 0; j < bytes; j += 16) {
          const step = i32x4.shr_s(i32x4.add(i32x4.mul(gains, v128.load(x + j)), two), 2);
          const tap = i32x4.add(v128.load(filter + j), step);
          v128.store(
            filter + j,
            i32x4.max_s(i32x4.min_s(tap, i32x4.splat(TAP_MAX)), i32x4.splat(-TAP_MAX)),
          );
        }
      } else {
        for (let j: usize = 0; j < used; j += 4) {
          const step = (gain * load<i32>(x + j) + 2) >> 2;
          store<i32>(filter + j, clamp(load<i32>(filter + j) + step, TAP_MAX));
        }
      }
    }
    power += (scaled * scaled * 256 - power) >> 8;
    const magnitude = abs(error) << 4;
    near += (magnitude - near) >> 2;
    run += (magnitude - run) >> 6;
    store<i32>(column, known < 0 ? magnitude : own + ((magnitude - own) >> 3));
    filter += bytes;
    if (++phase == period) {
      phase = 0;
      filter = taps;
      column = column == lastColumn ? columns : column + 4;
    }
  }
}
