import { type BitCoder, BitReader } from '../entropy/adaptive.js';
import { RangeDecoder } from '../entropy/range-decoder.js';

/**
 * Lossless alpha: docs/format.md, section 8. One walk over the rows serves both directions; a reader
 * ignores the bits that it is offered.
 */

export const OPAQUE = 255;
/** Pixels that are skipped together where they repeat the row above. */
const SEGMENT = 16;
/** More activity than this among the neighbours is an edge, less is a slope. */
const EDGE = 24;

/** Where the contexts of each kind of bit begin. */
const ROW_REPEATS = 0;
const SEGMENT_REPEATS = ROW_REPEATS + 4;
const IS_LIKELY = SEGMENT_REPEATS + 8;
const IS_UNLIKELY = IS_LIKELY + 729;
const IS_PREDICTED = IS_UNLIKELY + 729;
const IS_BELOW = IS_PREDICTED + 45;
const MAGNITUDE = IS_BELOW + 45;
const MANTISSA = MAGNITUDE + 9 * 8;
export const CONTEXTS = MANTISSA + 8 * 8;

/** 0 for transparent, 2 for opaque, 1 for what lies between. */
function kind(value: number): number {
  return value === 0 ? 0 : value === OPAQUE ? 2 : 1;
}

/** How far the gradient lies from the guess, in five steps. */
function lean(difference: number): number {
  if (difference < 0) return difference < -2 ? 0 : 1;
  if (difference === 0) return 2;
  return difference <= 2 ? 3 : 4;
}

/** Codes rows in one direction or the other. */
export class AlphaRows {
  /** The rows coded last, newest first; above the picture everything is opaque. */
  #above: Uint8Array;
  #beyond: Uint8Array;
  #history = 3;

  constructor(
    private readonly coder: BitCoder,
    private readonly width: number,
  ) {
    this.#above = new Uint8Array(width).fill(OPAQUE);
    this.#beyond = new Uint8Array(width).fill(OPAQUE);
  }

  /**
   * Codes the next row.
   *
   * @param row [width]: read when writing, filled when reading. It is kept: the row before the last
   *   one is handed back for the next call.
   */
  code(row: Uint8Array): Uint8Array {
    const above = this.#above;
    const repeats = this.coder.code(ROW_REPEATS + this.#history, equal(row, above, 0, this.width));
    this.#history = ((this.#history << 1) | repeats) & 3;
    if (repeats) row.set(above);
    else this.#codeSegments(row);
    const free = this.#beyond;
    this.#beyond = above;
    this.#above = row;
    return free;
  }

  #codeSegments(row: Uint8Array): void {
    const above = this.#above;
    let before = 1;
    for (let start = 0; start < this.width; start += SEGMENT) {
      const end = Math.min(start + SEGMENT, this.width);
      const left = start > 0 ? row[start - 1]! : above[0]!;
      const next = above[Math.min(end, this.width - 1)]!;
      let flat = 1;
      for (let x = start; x < end; x++) if (above[x] !== left) flat = 0;
      const context = SEGMENT_REPEATS + flat * 4 + (next === above[end - 1] ? 2 : 0) + before;
      before = this.coder.code(context, equal(row, above, start, end));
      if (before) row.set(above.subarray(start, end), start);
      else for (let x = start; x < end; x++) row[x] = this.#codePixel(row, x);
    }
  }

  #codePixel(row: Uint8Array, x: number): number {
    const { coder } = this;
    const above = this.#above;
    const value = row[x]!;
    const n = above[x]!;
    const w = x > 0 ? row[x - 1]! : n;
    const ww = x > 1 ? row[x - 2]! : w;
    const nw = x > 0 ? above[x - 1]! : n;
    const ne = x + 1 < this.width ? above[x + 1]! : n;
    const nn = this.#beyond[x]!;
    const kinds =
      ((((kind(w) * 3 + kind(n)) * 3 + kind(nw)) * 3 + kind(ne)) * 3 + kind(ww)) * 3 + kind(nn);
    const likely = w === OPAQUE ? OPAQUE : 0;
    if (coder.code(IS_LIKELY + kinds, value === likely ? 1 : 0)) return likely;
    const unlikely = OPAQUE - likely;
    if (coder.code(IS_UNLIKELY + kinds, value === unlikely ? 1 : 0)) return unlikely;

    const activity = Math.abs(w - nw) + Math.abs(n - nw) + Math.abs(n - ne);
    const gradient = w + n - nw;
    const guess =
      activity > EDGE
        ? Math.min(Math.max(gradient, Math.min(w, n)), Math.max(w, n))
        : (2 * (w + n) + ne - nw + 2) >> 2;
    const predicted = Math.min(Math.max(guess, 1), OPAQUE - 1);
    const level = Math.min(32 - Math.clz32(activity), 8);
    const context = level * 5 + lean(gradient - guess);
    if (coder.code(IS_PREDICTED + context, value === predicted ? 1 : 0)) return predicted;
    const below = coder.code(IS_BELOW + context, value < predicted ? 1 : 0);
    const magnitude = this.#codeMagnitude(level, Math.abs(value - predicted));
    return (below ? predicted - magnitude : predicted + magnitude) & 255;
  }

  /** A number in 1..255: its bit length in unary, then the bits below the leading one. */
  #codeMagnitude(level: number, value: number): number {
    const bits = 31 - Math.clz32(value);
    let length = 0;
    while (length < 7 && this.coder.code(MAGNITUDE + level * 8 + length, bits > length ? 1 : 0)) {
      length++;
    }
    let magnitude = 1;
    for (let i = length - 1; i >= 0; i--) {
      magnitude = magnitude * 2 + this.coder.code(MANTISSA + length * 8 + i, (value >> i) & 1);
    }
    return magnitude;
  }
}

function equal(a: Uint8Array, b: Uint8Array, start: number, end: number): number {
  for (let x = start; x < end; x++) if (a[x] !== b[x]) return 0;
  return 1;
}

/** Reads alpha row by row; what it keeps is two rows and the contexts. */
export class AlphaDecoder {
  readonly #rows: AlphaRows;
  #free: Uint8Array;

  /** @throws ShvqError CORRUPT where the payload cannot be an arithmetic code */
  constructor(payload: Uint8Array, width: number) {
    this.#rows = new AlphaRows(new BitReader(new RangeDecoder(payload), CONTEXTS), width);
    this.#free = new Uint8Array(width);
  }

  /** The next row, [width]; valid until two more are asked for. */
  next(): Uint8Array {
    const row = this.#free;
    this.#free = this.#rows.code(row);
    return row;
  }
}
