/**
 * The wavefront loop of a tile (docs/format.md, sections 7.3 and 7.4).
 *
 * The positions of wave n = x + 2y are the rows, by y, of one matrix; the taps of row y lie in the
 * waves before it: W, WW in row y of waves n - 1 and n - 2, NW, N, NE in row y - 1 of waves n - 3,
 * n - 2 and n - 1, NN in row y - 2 of wave n - 4. So the last five waves are all that is kept, and
 * each layer is one matrix product a wave.
 */
import { startDecoder, startEncoder } from './coder';
import { storeConstants } from './distribution';
import { product } from './product';
import { listPairs, sparseProduct } from './sparse';
import { decodeSymbols, encodeSymbols } from './symbols';
import {
  CODER_END,
  CODER_POSITION,
  GROUP_BYTES,
  GROUP_HIDDEN_BIAS,
  GROUP_HIDDEN_WEIGHTS,
  GROUP_PARAMETERS_BIAS,
  GROUP_PARAMETERS_WEIGHTS,
  JOB_CHANNELS,
  JOB_CONSTANTS,
  JOB_GROUP_SIZE,
  JOB_GROUP_TABLE,
  JOB_GROUPS,
  JOB_HEIGHT,
  JOB_HIDDEN,
  JOB_HIDDEN_BYTES,
  JOB_HIDDEN_MAX,
  JOB_HIDDEN_OUTPUTS,
  JOB_HIDDEN_SHIFT,
  JOB_LATENT,
  JOB_LIST,
  JOB_PARAMETERS,
  JOB_PARAMETERS_BYTES,
  JOB_PARAMETERS_SHIFT,
  JOB_PLANE,
  JOB_PLANE_STRIDE,
  JOB_PRICE_STRIDE,
  JOB_PRICES,
  JOB_RING,
  JOB_ROW_BYTES,
  JOB_SEGMENTS,
  JOB_SLOT_BYTES,
  JOB_SYMBOL_STRIDE,
  JOB_SYMBOLS,
  JOB_TAPS_BIAS,
  JOB_TAPS_MAX,
  JOB_TAPS_OUTPUTS,
  JOB_TAPS_SHIFT,
  JOB_TAPS_WEIGHTS,
  JOB_WAVE,
  JOB_WIDTH,
  MARGIN_ROWS,
  SYMBOL_BYTES_MAX,
  WAVES_KEPT,
} from './tile-layout';

/** The ring before the first wave: all zero. */
function clearRing(job: usize): void {
  memory.fill(load<u32>(job, JOB_RING), 0, WAVES_KEPT * load<u32>(job, JOB_SLOT_BYTES));
  store<i32>(job, 0, JOB_WAVE);
}

/**
 * Starts decoding a tile; the first bytes of the payload are at the coder's position.
 *
 * @returns Whether the bytes can be an arithmetic code.
 */
export function startDecodingTile(job: usize): bool {
  clearRing(job);
  if (ASC_FEATURE_SIMD) storeConstants(job + JOB_CONSTANTS);
  return startDecoder(job);
}

/** Starts encoding a tile. */
export function startEncodingTile(job: usize): void {
  clearRing(job);
  startEncoder(job);
}

/** Row y of a wave in the ring; -MARGIN_ROWS <= y < height + MARGIN_ROWS. */
// @ts-ignore: decorator
@inline
function ringRow(job: usize, wave: i32, y: i32): usize {
  const slot = <u32>(wave + WAVES_KEPT) % WAVES_KEPT;
  return (
    load<u32>(job, JOB_RING) +
    slot * load<u32>(job, JOB_SLOT_BYTES) +
    (y + MARGIN_ROWS) * load<i32>(job, JOB_ROW_BYTES)
  );
}

/** Positions that later waves see beside the wave's own are outside the tile: zero. */
function clearMargins(job: usize, wave: i32, first: i32, last: i32): void {
  const bytes = MARGIN_ROWS * load<u32>(job, JOB_ROW_BYTES);
  memory.fill(ringRow(job, wave, first - MARGIN_ROWS), 0, bytes);
  memory.fill(ringRow(job, wave, last + 1), 0, bytes);
}

/** One tap's segment: values and lists of the pairs in the ring row that row 0 of the wave sees. */
// @ts-ignore: decorator
@inline
function setSegment(job: usize, tap: i32, row: usize): void {
  const segment = <usize>load<u32>(job, JOB_SEGMENTS) + (tap << 3);
  store<u32>(segment, <u32>row + load<u32>(job, JOB_LATENT));
  store<u32>(segment, <u32>row + load<u32>(job, JOB_LIST), 4);
}

/** The taps' outputs of `rows` rows from `first` on, into the wave's ring rows. */
function neighbourhoods(job: usize, wave: i32, first: i32, rows: i32): void {
  const rowBytes = load<i32>(job, JOB_ROW_BYTES);
  setSegment(job, 0, ringRow(job, wave - 1, first));
  setSegment(job, 1, ringRow(job, wave - 2, first));
  setSegment(job, 2, ringRow(job, wave - 3, first - 1));
  setSegment(job, 3, ringRow(job, wave - 2, first - 1));
  setSegment(job, 4, ringRow(job, wave - 1, first - 1));
  setSegment(job, 5, ringRow(job, wave - 4, first - 2));
  sparseProduct(
    load<u32>(job, JOB_SEGMENTS),
    6,
    (load<i32>(job, JOB_CHANNELS) + 1) >> 1,
    rowBytes,
    rowBytes,
    rows,
    load<u32>(job, JOB_TAPS_WEIGHTS),
    load<u32>(job, JOB_TAPS_BIAS),
    load<i32>(job, JOB_TAPS_OUTPUTS),
    ringRow(job, wave, first),
    rowBytes,
    load<i32>(job, JOB_TAPS_SHIFT),
    0,
    load<i32>(job, JOB_TAPS_MAX),
  );
}

/** Means and log-scales of a group at the positions of a wave. */
function predict(job: usize, group: i32, row: usize, rows: i32): void {
  const segments = <usize>load<u32>(job, JOB_SEGMENTS);
  const layers = <usize>load<u32>(job, JOB_GROUP_TABLE) + group * GROUP_BYTES;
  const groupSize = load<i32>(job, JOB_GROUP_SIZE);
  const hidden = load<u32>(job, JOB_HIDDEN);
  const hiddenBytes = load<i32>(job, JOB_HIDDEN_BYTES);
  const hiddenOutputs = load<i32>(job, JOB_HIDDEN_OUTPUTS);
  store<u32>(segments, <u32>row);
  product(
    segments,
    1,
    ((load<i32>(job, JOB_LATENT) >> 1) + group * groupSize + 1) & ~1,
    load<i32>(job, JOB_ROW_BYTES),
    rows,
    load<u32>(layers, GROUP_HIDDEN_WEIGHTS),
    load<u32>(layers, GROUP_HIDDEN_BIAS),
    hiddenOutputs,
    hidden,
    hiddenBytes,
    load<i32>(job, JOB_HIDDEN_SHIFT),
    0,
    load<i32>(job, JOB_HIDDEN_MAX),
  );
  store<u32>(segments, hidden);
  product(
    segments,
    1,
    (hiddenOutputs + 1) & ~1,
    hiddenBytes,
    rows,
    load<u32>(layers, GROUP_PARAMETERS_WEIGHTS),
    load<u32>(layers, GROUP_PARAMETERS_BIAS),
    2 * groupSize,
    load<u32>(job, JOB_PARAMETERS),
    load<i32>(job, JOB_PARAMETERS_BYTES),
    load<i32>(job, JOB_PARAMETERS_SHIFT),
    -32768,
    32767,
  );
}

/**
 * Codes waves until the tile ends or the bytes between the coder's position and its end may not
 * suffice for the next wave.
 *
 * @returns Whether the tile has ended.
 */
// @ts-ignore: decorator
@inline
function codeWaves(job: usize, decoding: bool): bool {
  const width = load<i32>(job, JOB_WIDTH);
  const height = load<i32>(job, JOB_HEIGHT);
  const channels = load<i32>(job, JOB_CHANNELS);
  const groupSize = load<i32>(job, JOB_GROUP_SIZE);
  const groups = load<i32>(job, JOB_GROUPS);
  const rowBytes = load<i32>(job, JOB_ROW_BYTES);
  const planeStride = load<i32>(job, JOB_PLANE_STRIDE);
  const parametersBytes = load<i32>(job, JOB_PARAMETERS_BYTES);
  const sampleShift = decoding ? 0 : 1;
  const symbolStride = load<i32>(job, JOB_SYMBOL_STRIDE);
  const symbolStep = symbolStride - 2 * channels;
  const priceStride = load<i32>(job, JOB_PRICE_STRIDE);
  const priceStep = priceStride - 8;
  const total = width - 1 + 2 * (height - 1) + 1;
  let wave = load<i32>(job, JOB_WAVE);
  for (; wave < total; wave++) {
    const first = max(0, (wave - width + 2) >> 1);
    const last = min(height - 1, wave >> 1);
    const rows = last - first + 1;
    const room = load<u32>(job, CODER_END) - load<u32>(job, CODER_POSITION);
    if (room < <u32>(rows * channels * SYMBOL_BYTES_MAX)) break;
    clearMargins(job, wave, first, last);
    if (rows <= 0) continue;
    neighbourhoods(job, wave, first, rows);
    const row = ringRow(job, wave, first);
    const latents = row + load<u32>(job, JOB_LATENT);
    const plane =
      load<u32>(job, JOB_PLANE) +
      first * planeStride +
      (((wave - 2 * first) * channels) << sampleShift);
    const planeStep = planeStride - ((2 * channels) << sampleShift);
    let symbolPlane: usize = 0;
    let prices: usize = 0;
    if (!decoding) {
      const column = wave - 2 * first;
      symbolPlane = load<u32>(job, JOB_SYMBOLS) + first * symbolStride + column * channels;
      prices = load<u32>(job, JOB_PRICES) + first * priceStride + (column << 2);
    }
    for (let group = 0; group < groups; group++) {
      predict(job, group, row, rows);
      const channel = group * groupSize;
      let parameters = <usize>load<u32>(job, JOB_PARAMETERS);
      let samples = <usize>plane + (channel << sampleShift);
      let latent = latents + (channel << 1);
      let symbols = symbolPlane + channel;
      let price = prices;
      for (let i = 0; i < rows; i++) {
        if (decoding) decodeSymbols(job, channel, parameters, samples, latent);
        else {
          encodeSymbols(job, channel, parameters, samples, latent, symbols, load<i32>(price));
          symbols += symbolStep;
          price += priceStep;
        }
        parameters += parametersBytes;
        samples += planeStep;
        latent += rowBytes;
      }
    }
    const lists = row + load<u32>(job, JOB_LIST);
    listPairs(latents, rowBytes, (channels + 1) >> 1, rows, lists, rowBytes);
  }
  store<i32>(job, wave, JOB_WAVE);
  return wave == total;
}

/** Decodes waves of a tile; see codeWaves. Returns whether the tile has ended. */
export function decodeWaves(job: usize): bool {
  return codeWaves(job, true);
}

/** Encodes waves of a tile; see codeWaves. Returns whether the tile has ended. */
export function encodeWaves(job: usize): bool {
  return codeWaves(job, false);
}
