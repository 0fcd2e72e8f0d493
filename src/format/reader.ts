import { ShvqError } from './errors.js';

/** Reads little-endian fields from the front of a byte array; errors carry the byte's offset. */
export class ByteReader {
  position = 0;
  // Made when it is needed: engines without one read what has no text.
  #decoder: TextDecoder | undefined;

  /** @param what Named in the messages of errors: 'The file', for instance. */
  constructor(
    readonly bytes: Uint8Array,
    private readonly what: string,
  ) {}

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** @throws ShvqError TRUNCATED if fewer than `length` bytes are left */
  need(length: number): void {
    if (length > this.remaining) {
      throw new ShvqError('TRUNCATED', `${this.what} ends too early`, {
        offset: this.bytes.length,
        needed: this.position + length,
      });
    }
  }

  /** A view of the next bytes. @throws ShvqError TRUNCATED */
  take(length: number): Uint8Array {
    this.need(length);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /**
   * The next bytes as UTF-8, byte for byte: texts that differ in a mark at the front are two.
   *
   * @throws ShvqError TRUNCATED, CORRUPT
   */
  text(length: number): string {
    const offset = this.position;
    const bytes = this.take(length);
    try {
      this.#decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw new ShvqError('CORRUPT', `${this.what} holds text that is no UTF-8`, { offset, cause });
    }
  }

  /** @throws ShvqError TRUNCATED */
  u8(): number {
    this.need(1);
    return this.bytes[this.position++]!;
  }

  /** @throws ShvqError TRUNCATED */
  u16(): number {
    const low = this.u8();
    return low + this.u8() * 2 ** 8;
  }

  /** @throws ShvqError TRUNCATED */
  u32(): number {
    const low = this.u16();
    return low + this.u16() * 2 ** 16;
  }

  /**
   * An unsigned LEB128 number below 2^32 in its shortest form.
   *
   * @throws ShvqError TRUNCATED, CORRUPT
   */
  varint(): number {
    const offset = this.position;
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.u8();
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) {
        if (value >= 2 ** 32 || (byte === 0 && i > 0)) break;
        return value;
      }
    }
    throw new ShvqError('CORRUPT', `${this.what} holds an invalid number`, { offset });
  }
}
