/** Bits of a byte from which on coding it does not pay. */
const COMPRESSIBLE = 7.9;

/** Bits of a plane's bytes under their own histogram, per byte. */
function entropy(elements: Uint8Array, plane: number, width: number): number {
  const counts = new Float64Array(256);
  for (let at = plane; at < elements.length; at += width) counts[elements[at]!]!++;
  const total = elements.length / width;
  return counts.reduce((bits, n) => (n > 0 ? bits - (n / total) * Math.log2(n / total) : bits), 0);
}

/**
 * How many bytes of each element, from the lowest, are not worth coding.
 *
 * @param elements [count][width] bytes, little-endian.
 */
export function rawPlanes(elements: Uint8Array, width: number): number {
  // Few elements: learning costs more than it brings.
  if (elements.length / width < 64) return width;
  let raw = 0;
  while (raw < width && entropy(elements, raw, width) > COMPRESSIBLE) raw++;
  return raw;
}
