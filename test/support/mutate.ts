import { crc32c } from '../../src/format/crc32c.js';
import type { Random } from './random.js';

/** Reads as much of a damaged file's structure as can be made out, without believing it. */
class Walker {
  position = 10;

  constructor(readonly bytes: Uint8Array) {}

  varint(): number {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.bytes[this.position++] ?? 0;
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) break;
    }
    return value;
  }
}

/**
 * Makes the checksums of a damaged .shv file right again, so that what is wrong with it reaches the
 * coder and the networks. What cannot be made out stays as it is.
 */
export function repair(bytes: Uint8Array): void {
  if (bytes.length < 16) return;
  const walker = new Walker(bytes);
  const flags = bytes[4]!;
  const side = 2 ** (6 + ((flags >> 3) & 7));
  const width = walker.varint();
  const height = walker.varint();
  const seed = crc32c(bytes.subarray(0, walker.position));
  const entries: { length: number; at: number; seed: number }[] = [];
  const chunks = flags & 1 ? walker.varint() : 0;
  const count = chunks + Math.ceil(width / side) * Math.ceil(height / side);
  if (count * 5 > bytes.length) return;
  for (let i = 0; i < count; i++) {
    if (i < chunks) walker.position++;
    entries.push({ length: walker.varint(), at: walker.position, seed: i < chunks ? 0 : seed });
    walker.position += 4;
  }
  const check = walker.position;
  if (check + 2 > bytes.length) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let from = check + 2;
  for (const { length, at, seed: before } of entries) {
    view.setUint32(at, crc32c(bytes.subarray(from, from + length), before), true);
    from += length;
  }
  view.setUint16(check, crc32c(bytes.subarray(0, check)) & 0xffff, true);
}

const INTERESTING = [
  0, 1, 2, 3, 4, 5, 7, 8, 16, 63, 64, 65, 100, 101, 126, 127, 128, 129, 254, 255,
];

function splice(bytes: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length - removed + put.length);
  out.set(bytes.subarray(0, at));
  out.set(put, at);
  out.set(bytes.subarray(at + removed), at + put.length);
  return out;
}

/** One kind of damage to a copy of `bytes`; `other` lends the pieces. */
export function mutate(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  // Every other change goes to the header and the directory, where fields lie.
  const span = random.integer(0, 1) ? Math.min(copy.length, 60) : copy.length;
  const at = random.integer(0, span - 1);
  switch (random.integer(0, 7)) {
    case 0:
      return copy.slice(0, random.integer(0, copy.length - 1));
    case 1:
      copy[at]! ^= 1 << random.integer(0, 7);
      return copy;
    case 2:
      for (let n = random.integer(2, 20); n > 0; n--) {
        copy[random.integer(0, span - 1)]! ^= 1 << random.integer(0, 7);
      }
      return copy;
    case 3:
      copy[at] = INTERESTING[random.integer(0, INTERESTING.length - 1)]!;
      return copy;
    case 4: {
      const from = random.integer(0, other.length - 1);
      copy.set(other.subarray(from, from + Math.min(copy.length - at, random.integer(1, 40))), at);
      return copy;
    }
    case 5: {
      const from = random.integer(0, other.length - 1);
      const removed = Math.min(random.integer(0, 12), copy.length - at);
      return splice(copy, at, removed, other.subarray(from, from + random.integer(0, 12)));
    }
    case 6: {
      // Width, height and the first lengths: varints of all sizes.
      const start = Math.min(random.integer(10, 30), copy.length);
      const put = random.bytes(Math.min(random.integer(1, 5), copy.length - start));
      copy.set(put, start);
      return copy;
    }
    default:
      copy.set(random.bytes(Math.min(random.integer(1, 200), copy.length - at)), at);
      return copy;
  }
}

/** How many mutants ended in what. */
export class Counter {
  readonly #counts = new Map<string, number>();

  add(what: string): void {
    this.#counts.set(what, this.get(what) + 1);
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  toString(): string {
    return [...this.#counts].map(([what, count]) => `${what} ${count}`).join(', ');
  }
}
