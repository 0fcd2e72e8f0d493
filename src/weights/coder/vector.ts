import type { BitCoder } from '../../entropy/adaptive.js';
import { LENGTH, SCALES, TREE } from './contexts.js';
import { log2 } from './log2.js';

/** Bits of a vector's index below its leading one: centers are at most 2^15 - 1. */
const BITS_MAX = 14;

/**
 * Codes indices of vectors: the number of bits of index + 1 under contexts that say how long indices
 * nearby were, then the bits below the leading one in a tree: docs/weights-format.md, section 7.
 *
 * @param values 0..2^15 - 2; written when `coder` reads.
 * @param row Elements of a row.
 */
export function codeIndices(coder: BitCoder, values: Int32Array, row: number): void {
  const columns = new Int32Array(row).fill(-1);
  let near = 256;
  let run = 256;
  let column = 0;
  for (let n = 0; n < values.length; n++) {
    const own = columns[column]! < 0 ? run : columns[column]!;
    const logs = log2(run + 6) + log2(own + 6) + log2(near + 6);
    const z = Math.min(Math.max(((logs - 108) * 57) >> 10, 0), SCALES - 1);
    const number = values[n]! + 1;
    const bits = 31 - Math.clz32(number);
    let length = 0;
    while (length < BITS_MAX && coder.code(LENGTH + z * 16 + length, bits > length ? 1 : 0)) {
      length++;
    }
    let prefix = 1;
    for (let i = length - 1; i >= 0; i--) {
      prefix = prefix * 2 + coder.code(TREE + prefix, (number >> i) & 1);
    }
    values[n] = prefix - 1;
    const magnitude = (prefix - 1) << 8;
    near += (magnitude - near) >> 2;
    run += (magnitude - run) >> 6;
    columns[column] = columns[column]! < 0 ? magnitude : own + ((magnitude - own) >> 3);
    if (++column === row) column = 0;
  }
}
