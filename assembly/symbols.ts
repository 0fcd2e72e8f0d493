/** The symbols of one group at one position, between coder and latent. */
import { encodeCell, part, RENORMALIZE } from './coder';
import { applyGain, countBelow, countsAround, modeIndex, scaleIndex } from './distribution';
import {
  CELL_BYTES,
  CELL_INDEX,
  CELL_MANTISSA,
  CELL_MEAN,
  CELL_SHIFT,
  CODER_CODE,
  CODER_POSITION,
  CODER_RANGE,
  JOB_BOUNDARIES,
  JOB_CONSTANTS,
  JOB_CENTERS,
  JOB_GAINS,
  JOB_GROUP_SIZE,
  JOB_LOG2,
  JOB_LOGISTIC,
  JOB_MODES,
  JOB_PRICE_FACTORS,
  JOB_SCALES,
  JOB_SIZE,
  JOB_VALUES,
  MODES,
} from './tile-layout';

/**
 * What is known of a group's symbols before they are decoded: CELL_BYTES a channel with the counts
 * below cells k - 1 to k + 2, then k, the mean, and the scale's mantissa and shift. k, the mean's
 * cell or one near it, is not an outermost one.
 */
function prepareCells(job: usize, channel: i32, parameters: usize): void {
  const size = load<i32>(job, JOB_SIZE);
  const boundaries = <usize>load<u32>(job, JOB_BOUNDARIES);
  const logistic = <usize>load<u32>(job, JOB_LOGISTIC);
  const scales = <usize>load<u32>(job, JOB_SCALES);
  const modes = <usize>load<u32>(job, JOB_MODES);
  const logScales = load<i32>(job, JOB_GROUP_SIZE) << 1;
  let gains = <usize>load<u32>(job, JOB_GAINS) + (channel << 3);
  let cell = <usize>load<u32>(job, JOB_MODES) + MODES;
  const constants = job + JOB_CONSTANTS;
  for (const end = parameters + logScales; parameters < end; parameters += 2) {
    const mean = applyGain(load<i16>(parameters), load<i32>(gains));
    const scale = scaleIndex(load<i16>(parameters + logScales) + load<i32>(gains, 4));
    const mantissa = load<i32>(scales + (scale << 3));
    const shift = load<i32>(scales + (scale << 3), 4);
    const k = <i32>load<u8>(modes + modeIndex(mean));
    store<i32>(cell, k, CELL_INDEX);
    store<i32>(cell, mean, CELL_MEAN);
    store<i32>(cell, mantissa, CELL_MANTISSA);
    store<i32>(cell, shift, CELL_SHIFT);
    if (ASC_FEATURE_SIMD) {
      // Boundaries that do not exist are read, too, and their counts replaced.
      const b = v128.load(boundaries + (k << 2) - 8);
      v128.store(cell, countsAround(constants, logistic, b, k, mean, mantissa, shift));
      if (k == 1) store<u32>(cell, 0);
      if (k == size - 2) store<u32>(cell, 1 << 20, 12);
    } else {
      for (let i = 0; i < 4; i++) {
        store<u32>(cell + (i << 2), countAt(job, k - 1 + i, mean, mantissa, shift));
      }
    }
    gains += 8;
    cell += CELL_BYTES;
  }
}

/**
 * Finds the symbol beyond a cell, in growing steps outwards, then by halves. A function of its own
 * leaves the registers to the symbols that are found at once.
 *
 * @param cell What prepareCells has written; the parts below and up to the symbol's cell replace the
 *   first two counts.
 * @param up 1 if the symbol lies above cell k, 0 if below.
 */
export function searchOutwards(job: usize, cell: usize, k: i32, up: i32, range: u32, code: u32): i32 {
  const boundaries = <usize>load<u32>(job, JOB_BOUNDARIES);
  const logistic = <usize>load<u32>(job, JOB_LOGISTIC);
  const mean = load<i32>(cell, CELL_MEAN);
  const mantissa = load<i32>(cell, CELL_MANTISSA);
  const shift = load<i32>(cell, CELL_SHIFT);
  // part(C_k) <= code < part(C_next)
  let next = k;
  let low: u32 = 0;
  let high = range;
  if (up) {
    next = load<i32>(job, JOB_SIZE);
    low = part(range, load<u32>(cell, 12));
    k++;
  } else {
    high = part(range, load<u32>(cell));
    k = 0;
  }
  if (ASC_FEATURE_SIMD) {
    // Four bounds at once beside the one that is known, where there are so many.
    if (next - k > 4) {
      const first = up ? k + 1 : next - 4;
      const counts = cell + (up << 4);
      if (!up) store<u32>(cell, load<u32>(cell), 16);
      const b = v128.load(boundaries + (first << 2) - 4);
      const around = countsAround(job + JOB_CONSTANTS, logistic, b, first + 1, mean, mantissa, shift);
      v128.store(counts, around);
      const passed =
        i32(code >= part(range, load<u32>(counts))) +
        i32(code >= part(range, load<u32>(counts, 4))) +
        i32(code >= part(range, load<u32>(counts, 8))) +
        i32(code >= part(range, load<u32>(counts, 12)));
      const bounds = counts + (passed << 2);
      if (up | passed) {
        k = first + passed - 1;
        low = part(range, load<u32>(bounds - 4));
      }
      if (passed + up < 5) {
        next = first + passed;
        high = part(range, load<u32>(bounds));
      }
    }
  }
  for (let step = 1; next - k > 1; ) {
    const outwards = up ? k + step : next - step;
    const at = step > 0 && step < next - k ? outwards : (k + next) >> 1;
    const bound = part(range, countBelow(logistic, boundaries, at, mean, mantissa, shift));
    const above = i32(code >= bound);
    if (above) {
      k = at;
      low = bound;
    } else {
      next = at;
      high = bound;
    }
    step = above == up ? step << 1 : 0;
  }
  store<u32>(cell, low);
  store<u32>(cell, high, 4);
  return k;
}

/**
 * Decodes one symbol a channel. The bytes that may be read are SYMBOL_BYTES_MAX a symbol.
 *
 * Branches on what the bytes say are what takes time, and the arithmetic between such a branch and the
 * next: hence prepareCells.
 *
 * @param channel First channel of the group.
 * @param parameters i16 [2 * group size]: means, then log-scales.
 * @param symbols u8 [group size], written.
 * @param latent i16 [group size]: dequantized values, written.
 */
export function decodeSymbols(
  job: usize,
  channel: i32,
  parameters: usize,
  symbols: usize,
  latent: usize,
): void {
  prepareCells(job, channel, parameters);
  const size = load<i32>(job, JOB_SIZE);
  let values = <usize>load<u32>(job, JOB_VALUES) + ((channel * size) << 1);
  let cell = <usize>load<u32>(job, JOB_MODES) + MODES;
  const end = symbols + load<i32>(job, JOB_GROUP_SIZE);
  let range = load<u32>(job, CODER_RANGE);
  let code = load<u32>(job, CODER_CODE);
  let position = <usize>load<u32>(job, CODER_POSITION);

  for (; symbols < end; symbols++) {
    let k = load<i32>(cell, CELL_INDEX);
    let low = part(range, load<u32>(cell, 4));
    let high = part(range, load<u32>(cell, 8));
    if (code - low >= high - low) {
      // The cell beside it.
      const up = i32(code >= high);
      const beside = cell + (up << 3);
      low = part(range, load<u32>(beside));
      high = part(range, load<u32>(beside, 4));
      k += (up << 1) - 1;
      if (code - low >= high - low) {
        k = searchOutwards(job, cell, k, up, range, code);
        low = load<u32>(cell);
        high = load<u32>(cell, 4);
      }
    }
    code -= low;
    range = high - low;
    while (range < RENORMALIZE) {
      range <<= 8;
      code = (code << 8) | load<u8>(position++);
    }
    store<u8>(symbols, k);
    store<i16>(latent, load<i16>(values + (k << 1)));
    latent += 2;
    values += size << 1;
    cell += CELL_BYTES;
  }
  store<u32>(job, range, CODER_RANGE);
  store<u32>(job, code, CODER_CODE);
  store<u32>(job, <u32>position, CODER_POSITION);
}

/** Number of boundaries not above z: the nearest center. */
// @ts-ignore: decorator
@inline
function nearestCenter(z: i32, boundaries: usize, size: i32): i32 {
  let low = 0;
  let high = size - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<i32>(boundaries + (middle << 2)) <= z) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Count below cell k, 0 <= k <= size. */
// @ts-ignore: decorator
@inline
function countAt(job: usize, k: i32, mean: i32, mantissa: i32, shift: i32): u32 {
  if (k <= 0) return 0;
  if (k >= load<i32>(job, JOB_SIZE)) return 1 << 20;
  const logistic = load<u32>(job, JOB_LOGISTIC);
  return countBelow(logistic, load<u32>(job, JOB_BOUNDARIES), k, mean, mantissa, shift);
}

/** Cost of a cell of `count` of the 2^20 counts, units of 2^-8 bit: src/entropy/cost.ts. */
// @ts-ignore: decorator
@inline
function costOf(count: u32, log2: usize): i32 {
  const zeros = clz<u32>(count) - 11;
  const mantissa = ((count << zeros) >> 12) & 255;
  return (zeros << 8) - <i32>load<i16>(log2 + (mantissa << 1));
}

/** What choosing center k for z costs: src/entropy/choice.ts. */
function score(job: usize, price: i32, z: i32, k: i32, mean: i32, mantissa: i32, shift: i32): i64 {
  const center = load<i32>(<usize>load<u32>(job, JOB_CENTERS) + (k << 2));
  const error = <i64>min(abs(z - center), 65535);
  const count = countAt(job, k + 1, mean, mantissa, shift) - countAt(job, k, mean, mantissa, shift);
  const cost = costOf(count, load<u32>(job, JOB_LOG2));
  return error * error + <i64>price * cost;
}

// @ts-ignore: decorator
@inline
function sign(x: i32): i32 {
  return i32(x > 0) - i32(x < 0);
}

/** The symbol of z by src/entropy/choice.ts, price > 0; `nearest` is its nearest center. */
function chooseSymbol(
  job: usize,
  price: i32,
  z: i32,
  nearest: i32,
  mean: i32,
  mantissa: i32,
  shift: i32,
): i32 {
  const size = load<i32>(job, JOB_SIZE);
  const towardsZero = sign(((size - 1) >> 1) - nearest);
  const mode = nearestCenter(mean, load<u32>(job, JOB_BOUNDARIES), size);
  const towardsMean = sign(mode - nearest);
  let best = nearest;
  if (towardsZero == 0 && towardsMean == 0) return best;
  let least = score(job, price, z, nearest, mean, mantissa, shift);
  if (towardsZero != 0) {
    for (let k = nearest + towardsZero; k >= 0 && k < size; k += towardsZero) {
      const s = score(job, price, z, k, mean, mantissa, shift);
      if (s >= least) break;
      least = s;
      best = k;
    }
  }
  if (towardsMean != 0 && towardsMean != towardsZero) {
    for (let k = nearest + towardsMean; k >= 0 && k < size; k += towardsMean) {
      const s = score(job, price, z, k, mean, mantissa, shift);
      if (s >= least) break;
      least = s;
      best = k;
    }
  }
  return best;
}

/**
 * Quantizes and encodes one symbol a channel.
 *
 * @param channel First channel of the group.
 * @param parameters i16 [2 * group size]: means, then log-scales.
 * @param source i16 [group size]: the latent y.
 * @param latent i16 [group size]: dequantized values, written.
 * @param symbols u8 [group size], written.
 * @param price Of a bit, units of 2^-12 of the square of the quantizer's unit; 0: nearest centers.
 */
export function encodeSymbols(
  job: usize,
  channel: i32,
  parameters: usize,
  source: usize,
  latent: usize,
  symbols: usize,
  price: i32,
): void {
  const groupSize = load<i32>(job, JOB_GROUP_SIZE);
  const size = load<i32>(job, JOB_SIZE);
  const boundaries = <usize>load<u32>(job, JOB_BOUNDARIES);
  const scales = <usize>load<u32>(job, JOB_SCALES);
  let factors = <usize>load<u32>(job, JOB_PRICE_FACTORS) + (channel << 2);
  let gains = <usize>load<u32>(job, JOB_GAINS) + (channel << 3);
  let values = <usize>load<u32>(job, JOB_VALUES) + ((channel * size) << 1);
  const logScales = groupSize << 1;
  const end = source + logScales;

  for (; source < end; source += 2) {
    const gain = load<i32>(gains);
    const mean = applyGain(load<i16>(parameters), gain);
    const entry =
      scales + (scaleIndex(load<i16>(parameters + logScales) + load<i32>(gains, 4)) << 3);
    const mantissa = load<i32>(entry);
    const shift = load<i32>(entry, 4);
    const z = applyGain(load<i16>(source), gain);
    let k = nearestCenter(z, boundaries, size);
    const factored = (price * load<i32>(factors)) >> 8;
    if (factored != 0) k = chooseSymbol(job, factored, z, k, mean, mantissa, shift);
    const low = countAt(job, k, mean, mantissa, shift);
    encodeCell(job, low, countAt(job, k + 1, mean, mantissa, shift));
    store<i16>(latent, load<i16>(values + (k << 1)));
    store<u8>(symbols, k);
    symbols++;
    factors += 4;
    parameters += 2;
    latent += 2;
    gains += 8;
    values += size << 1;
  }
}
