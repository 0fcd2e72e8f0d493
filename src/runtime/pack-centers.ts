import { padLength } from './pack.js';

/** Centers a block of the kernel `assignVectors`. */
const BLOCK = 4;

/**
 * For the kernel `assignVectors`: for each block of 4 centers, for each pair of dimensions, 4
 * centers x 2 dimensions. An odd last dimension is paired with zeros; the last center fills the last
 * block, where it loses every tie against itself.
 *
 * @param centers [L][d]
 */
export function packCenters(centers: Int16Array, d: number): Int16Array {
  const size = centers.length / d;
  const padded = padLength(d);
  const blocks = Math.ceil(size / BLOCK);
  const out = new Int16Array(blocks * BLOCK * padded);
  for (let k = 0; k < blocks * BLOCK; k++) {
    const from = Math.min(k, size - 1) * d;
    const to = (k >> 2) * BLOCK * padded + (k & 3) * 2;
    for (let i = 0; i < d; i++) out[to + (i >> 1) * 2 * BLOCK + (i & 1)] = centers[from + i]!;
  }
  return out;
}
