/** The symbols of one group at one position, between coder and latent. */
import { encodeCell, part, RENORMALIZE } from './coder';
import { applyGain, countBelow, scaleIndex } from './distribution';
import {
  CODER_CODE,
  CODER_POSITION,
  CODER_RANGE,
  JOB_BOUNDARIES,
  JOB_CENTERS,
  JOB_GAINS,
  JOB_GROUP_SIZE,
  JOB_LOG2,
  JOB_LOGISTIC,
  JOB_PRICE_FACTORS,
  JOB_SCALES,
  JOB_SIZE,
  JOB_VALUES,
} from './tile-layout';

/**
 * Decodes one symbol a channel. The bytes that may be read are SYMBOL_BYTES_MAX a symbol.
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
  const groupSize = load<i32>(job, JOB_GROUP_SIZE);
  const size = load<i32>(job, JOB_SIZE);
  const boundaries = <usize>load<u32>(job, JOB_BOUNDARIES);
  const logistic = <usize>load<u32>(job, JOB_LOGISTIC);
  const scales = <usize>load<u32>(job, JOB_SCALES);
  let gains = <usize>load<u32>(job, JOB_GAINS) + (channel << 3);
  let values = <usize>load<u32>(job, JOB_VALUES) + ((channel * size) << 1);
  const zero = (size - 1) >> 1;
  const logScales = groupSize << 1;
  const end = symbols + groupSize;
  let range = load<u32>(job, CODER_RANGE);
  let code = load<u32>(job, CODER_CODE);
  let position = <usize>load<u32>(job, CODER_POSITION);

  for (; symbols < end; symbols++) {
    const mean = applyGain(load<i16>(parameters), load<i32>(gains));
    const entry =
      scales + (scaleIndex(load<i16>(parameters + logScales) + load<i32>(gains, 4)) << 3);
    const mantissa = load<i32>(entry);
    const shift = load<i32>(entry, 4);
    // Most symbols are zero.
    let k = zero;
    let low = part(range, countBelow(logistic, boundaries, zero, mean, mantissa, shift));
    let high = part(range, countBelow(logistic, boundaries, zero + 1, mean, mantissa, shift));
    if (code - low >= high - low) {
      // Outwards in growing steps until low <= code < high, then bisect.
      let next = zero + 1;
      if (code < low) {
        next = zero;
        for (let step = 1; code < low; step <<= 1) {
          high = low;
          next = k;
          k -= step;
          if (k <= 0) {
            k = 0;
            low = 0;
          } else {
            low = part(range, countBelow(logistic, boundaries, k, mean, mantissa, shift));
          }
        }
      } else {
        for (let step = 1; code >= high; step <<= 1) {
          low = high;
          k = next;
          next += step;
          if (next >= size) {
            next = size;
            high = range;
          } else {
            high = part(range, countBelow(logistic, boundaries, next, mean, mantissa, shift));
          }
        }
      }
      while (next - k > 1) {
        const middle = (k + next) >> 1;
        const at = part(range, countBelow(logistic, boundaries, middle, mean, mantissa, shift));
        if (code >= at) {
          k = middle;
          low = at;
        } else {
          next = middle;
          high = at;
        }
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
    parameters += 2;
    latent += 2;
    gains += 8;
    values += size << 1;
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
