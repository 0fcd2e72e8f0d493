import type { BitCoder } from '../../entropy/adaptive.js';

const HASH_BITS = 16;
/** Lengths of context by which earlier text is looked up, the longest first. */
const ORDERS = [6, 4, 3, 2] as const;
/** [orders][16]: whether the byte is the one foretold; by how often that was right in a row. */
const FORETOLD = 0;
/** [256][256]: bits of a byte after another. */
const LITERAL = FORETOLD + ORDERS.length * 16 * 4;

export const TEXT_CONTEXTS = LITERAL + 2 ** 16;

/** Index of the last bytes before a position; a collision costs a bit and is no error. */
function hash(bytes: Uint8Array, end: number, order: number): number {
  let h = order;
  for (let i = end - order; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x9e3779b1) ^ (h >>> 15);
  return (h ^ (h >>> 16)) & (2 ** HASH_BITS - 1);
}

export function codeText(coder: BitCoder, bytes: Uint8Array): void {
  const tables = ORDERS.map(() => new Int32Array(2 ** HASH_BITS).fill(-1));
  const streaks = ORDERS.map(() => new Uint8Array(2 ** HASH_BITS));
  const slots = new Int32Array(ORDERS.length);
  for (let n = 0; n < bytes.length; n++) {
    let value = bytes[n]!;
    let known = false;
    let excluded = -1;
    for (let j = 0; j < ORDERS.length; j++) {
      slots[j] = n < ORDERS[j]! ? -1 : hash(bytes, n, ORDERS[j]!);
    }
    let tries = 0;
    for (let j = 0; j < ORDERS.length && !known && tries < 2; j++) {
      const slot = slots[j]!;
      const guess = slot < 0 ? -1 : tables[j]![slot]!;
      if (guess < 0 || guess === excluded) continue;
      const streak = Math.min(15, streaks[j]![slot]!);
      const hit = coder.code(FORETOLD + ((j * 2 + tries) * 16 + streak), value === guess ? 1 : 0);
      if (hit) {
        value = guess;
        known = true;
      }
      excluded = guess;
      tries++;
    }
    if (!known) {
      const before = n > 0 ? bytes[n - 1]! : 0;
      let node = 1;
      for (let i = 7; i >= 0; i--) {
        node = node * 2 + coder.code(LITERAL + before * 256 + node, (value >> i) & 1);
      }
      value = node - 256;
    }
    bytes[n] = value;
    for (let j = 0; j < ORDERS.length; j++) {
      const slot = slots[j]!;
      if (slot < 0) continue;
      const table = tables[j]!;
      const streak = streaks[j]!;
      if (table[slot] === value) streak[slot] = Math.min(15, streak[slot]! + 1);
      else {
        table[slot] = value;
        streak[slot] = 0;
      }
    }
  }
}
