import { type BitCoder, BitReader } from '../entropy/adaptive.js';
import { BitWriter } from '../entropy/bit-writer.js';
import { RangeDecoder } from '../entropy/range-decoder.js';
import { RangeEncoder } from '../entropy/range-encoder.js';
import type { VectorQuantizer } from './quantizer.js';

/**
 * An adaptive histogram over the centers, as a tree of adaptive bits: each halves what is left of
 * 0..L-1 (docs/format.md, section 6.3).
 *
 * @param first Context of the histogram's first bit, of L - 1.
 * @param symbol To write; ignored when reading.
 */
function codeSymbol(coder: BitCoder, first: number, size: number, symbol: number): number {
  let low = 0;
  let high = size;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (coder.code(first + middle - 1, symbol >= middle ? 1 : 0) === 1) low = middle;
    else high = middle;
  }
  return low;
}

/** Codes symbols [positions][n] in order; histograms learn within a tile. In place when reading. */
function codeSymbols(coder: BitCoder, { size, symbols: n }: VectorQuantizer, data: Uint16Array) {
  for (let i = 0, s = 0; i < data.length; i++) {
    data[i] = codeSymbol(coder, s * (size - 1), size, data[i]!);
    if (++s === n) s = 0;
  }
}

/**
 * The symbols of a tile, [positions][n], row by row.
 *
 * @throws ShvqError CORRUPT where the payload cannot be an arithmetic code.
 */
export function decodeVectors(
  quantizer: VectorQuantizer,
  payload: Uint8Array,
  positions: number,
): Uint16Array {
  const symbols = new Uint16Array(positions * quantizer.symbols);
  const coder = new BitReader(new RangeDecoder(payload), quantizer.start, quantizer.confidence);
  codeSymbols(coder, quantizer, symbols);
  return symbols;
}

/** The payload of a tile. @param symbols [positions][n], row by row. */
export function encodeVectors(quantizer: VectorQuantizer, symbols: Uint16Array): Uint8Array {
  const bytes = new RangeEncoder();
  codeSymbols(new BitWriter(bytes, quantizer.start, quantizer.confidence), quantizer, symbols);
  return bytes.finish();
}
