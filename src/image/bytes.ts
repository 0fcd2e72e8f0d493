import { ShvqError } from '../format/errors.js';
import type { Bytes } from '../types.js';

/** What a value calls itself; `instanceof` fails for objects of another realm, this does not. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

export function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || /^(Shared)?ArrayBuffer$/.test(tagOf(value));
}

/** Node's Buffer included. */
export function isByteArray(value: unknown): value is Uint8Array | Uint8ClampedArray {
  return ArrayBuffer.isView(value) && /^Uint8(Clamped)?Array$/.test(tagOf(value));
}

/**
 * The bytes of a buffer or view, not copied. Never a subclass: the `slice` of Node's Buffer, unlike
 * that of Uint8Array, shares memory.
 *
 * @throws ShvqError BAD_INPUT where the buffer is detached
 */
export function viewOf(bytes: Bytes): Uint8Array {
  try {
    if (ArrayBuffer.isView(bytes)) {
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new ShvqError('BAD_INPUT', 'The buffer is detached', { cause });
  }
}

/** The parts one after the other, in memory of their own. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
