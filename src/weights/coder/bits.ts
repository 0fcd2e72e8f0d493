import type { BitCoder } from '../../entropy/adaptive.js';
import { PLANES } from './contexts.js';

/**
 * Codes one byte of every element, from the most significant byte that is not kept raw down:
 * docs/weights-format.md, section 8.
 *
 * @param elements [count][width] bytes, little-endian, as `rotate` leaves them.
 * @param raw Bytes of an element, the lowest, that are not coded here.
 */
export function codePlanes(
  coder: BitCoder,
  elements: Uint8Array,
  width: number,
  raw: number,
): void {
  for (let at = 0; at < elements.length; at += width) {
    for (let plane = width - 1; plane >= raw; plane--) {
      const byte = elements[at + plane]!;
      const context = PLANES + (width - 1 - plane) * 256;
      let node = 1;
      for (let i = 7; i >= 0; i--) node = node * 2 + coder.code(context + node, (byte >> i) & 1);
      elements[at + plane] = node - 256;
    }
  }
}

/**
 * Moves the sign of a floating-point number to the lowest bit, so that the exponent fills the
 * highest byte; `unrotate` moves it back.
 *
 * @param elements [count][width] bytes, little-endian.
 */
export function rotate(elements: Uint8Array, width: number): void {
  for (let at = 0; at < elements.length; at += width) {
    let carry = elements[at + width - 1]! >> 7;
    for (let i = 0; i < width; i++) {
      const byte = elements[at + i]!;
      elements[at + i] = ((byte << 1) & 255) | carry;
      carry = byte >> 7;
    }
  }
}

export function unrotate(elements: Uint8Array, width: number): void {
  for (let at = 0; at < elements.length; at += width) {
    let carry = elements[at]! & 1;
    for (let i = width - 1; i >= 0; i--) {
      const byte = elements[at + i]!;
      elements[at + i] = (byte >> 1) | (carry << 7);
      carry = byte & 1;
    }
  }
}
