/** The symbols of one group at one position, between coder and latent. */
import { encodeCell, part, RENORMALIZE } from './coder';
import { applyGain, countBelow, scaleIndex } from './distribution';
import {
  CODER_CODE,
  CODER_POSITION,
  CODER_RANGE,
  JOB_BOUNDARIES,
  JOB_GAINS,
  JOB_GROUP_SIZE,
  JOB_LOGISTIC,
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

/**
 * Quantizes and encodes one symbol a channel.
 *
 * @param channel First channel of the group.
 * @param parameters i16 [2 * group size]: means, then log-scales.
 * @param source i16 [group size]: the latent y.
 * @param latent i16 [group size]: dequantized values, written.
 */
export function encodeSymbols(
  job: usize,
  channel: i32,
  parameters: usize,
  source: usize,
  latent: usize,
): void {
  const groupSize = load<i32>(job, JOB_GROUP_SIZE);
  const size = load<i32>(job, JOB_SIZE);
  const boundaries = <usize>load<u32>(job, JOB_BOUNDARIES);
  const logistic = <usize>load<u32>(job, JOB_LOGISTIC);
  const scales = <usize>load<u32>(job, JOB_SCALES);
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
    const k = nearestCenter(applyGain(load<i16>(source), gain), boundaries, size);
    let low: u32 = 0;
    let high: u32 = 1 << 20;
    if (k > 0) low = countBelow(logistic, boundaries, k, mean, mantissa, shift);
    if (k < size - 1) high = countBelow(logistic, boundaries, k + 1, mean, mantissa, shift);
    encodeCell(job, low, high);
    store<i16>(latent, load<i16>(values + (k << 1)));
    parameters += 2;
    latent += 2;
    gains += 8;
    values += size << 1;
  }
}
