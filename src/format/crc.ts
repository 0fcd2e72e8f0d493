/**
 * The function that computes a reflected CRC of 32 bits, four bytes at a time.
 *
 * @param polynomial Reflected.
 * @returns Its second argument is the CRC of the bytes that come before; 0 for none.
 */
export function crcOf(polynomial: number): (bytes: Uint8Array, before?: number) => number {
  /** [4][256]: a byte's part in the CRC, with as many bytes of zero behind it as the first index. */
  const table = new Uint32Array(1024);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    table[byte] = crc;
  }
  for (let i = 256; i < 1024; i++) {
    const before = table[i - 256]!;
    table[i] = (before >>> 8) ^ table[before & 255]!;
  }

  return (bytes, before = 0) => {
    let crc = ~before;
    let at = 0;
    for (; at + 4 <= bytes.length; at += 4) {
      crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      crc =
        table[768 + (crc & 255)]! ^
        table[512 + ((crc >>> 8) & 255)]! ^
        table[256 + ((crc >>> 16) & 255)]! ^
        table[crc >>> 24]!;
    }
    for (; at < bytes.length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 255]!;
    return ~crc >>> 0;
  };
}
