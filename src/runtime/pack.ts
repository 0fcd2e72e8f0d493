/** The orders in which the kernels read weights. Packed once a model, copied into each instance. */

/** Outputs a block: the kernels make eight at a time. */
const BLOCK = 8;

/** Rounds up to a multiple of the kernels' block of outputs. */
function padOutputs(outputs: number): number {
  return Math.ceil(outputs / BLOCK) * BLOCK;
}

/** i16 elements that `product` reads a segment: even. */
export function padLength(length: number): number {
  return length + (length & 1);
}

/** Bytes of `packWeights`' result. */
export function packedBytes(outputs: number, segments: number, length: number): number {
  return 2 * padOutputs(outputs) * segments * padLength(length);
}

/**
 * For the kernel `product`: for each block of 8 outputs, for each pair of inputs over all segments
 * in turn, 8 outputs x 2 inputs. What is missing to whole blocks and pairs is zero.
 *
 * @param weights [outputs][segments][length]. A 3x3 convolution has 3 segments of 3 * inputs.
 */
export function packWeights(
  weights: Int16Array,
  outputs: number,
  segments: number,
  length: number,
): Int16Array {
  const out = new Int16Array(packedBytes(outputs, segments, length) / 2);
  const pairs = padLength(length) / 2;
  let from = 0;
  for (let o = 0; o < outputs; o++) {
    let to = (o >> 3) * segments * pairs * 2 * BLOCK + (o & 7) * 2;
    for (let s = 0; s < segments; s++) {
      const end = from + length;
      for (; from + 1 < end; from += 2, to += 2 * BLOCK) {
        out[to] = weights[from]!;
        out[to + 1] = weights[from + 1]!;
      }
      if (from < end) {
        out[to] = weights[from++]!;
        to += 2 * BLOCK;
      }
    }
  }
  return out;
}

/** Outputs a block of `sparseProduct`, the widest of all kernels. */
const SPARSE_BLOCK = 32;

/** Bytes of `packBias`'s result. */
export function biasBytes(outputs: number): number {
  return 4 * Math.ceil(outputs / SPARSE_BLOCK) * SPARSE_BLOCK;
}

/** Biases for any kernel: zeros up to a whole block of outputs, which kernels read. */
export function packBias(bias: Int32Array): Int32Array {
  const out = new Int32Array(biasBytes(bias.length) / 4);
  out.set(bias);
  return out;
}

/** Bytes of `packSparse`'s result. */
export function sparseBytes(outputs: number, segments: number, length: number): number {
  return packedBytes(Math.ceil(outputs / SPARSE_BLOCK) * SPARSE_BLOCK, segments, length);
}

/**
 * For the kernel `sparseProduct`: for each block of 32 outputs, for each pair of inputs over all
 * segments in turn, outputs x 2 inputs. What is missing to whole blocks and pairs is zero.
 *
 * @param weights [outputs][segments][length]. A 3x3 convolution has 9 segments of inputs.
 */
export function packSparse(
  weights: Int16Array,
  outputs: number,
  segments: number,
  length: number,
): Int16Array {
  const out = new Int16Array(sparseBytes(outputs, segments, length) / 2);
  const pairs = segments * (padLength(length) / 2);
  for (let from = 0; from < weights.length; from++) {
    const i = from % length;
    const s = Math.floor(from / length) % segments;
    const o = Math.floor(from / length / segments);
    const lane = o % SPARSE_BLOCK;
    const pair = ((o - lane) / SPARSE_BLOCK) * pairs + s * (padLength(length) / 2) + (i >> 1);
    out[2 * (pair * SPARSE_BLOCK + lane) + (i & 1)] = weights[from]!;
  }
  return out;
}
