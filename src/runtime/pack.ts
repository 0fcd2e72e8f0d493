/** The orders in which the kernels read weights. Packed once a model, copied into each instance. */

/** Outputs a block: the kernels make eight at a time. */
const BLOCK = 8;

/** Rounds up to a multiple of the kernels' block of outputs. */
export function padOutputs(outputs: number): number {
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

/** Biases for any kernel: zeros up to a whole block of outputs. */
export function packBias(bias: Int32Array): Int32Array {
  const out = new Int32Array(padOutputs(bias.length));
  out.set(bias);
  return out;
}

/** The widest block of outputs that `sparseProduct` makes at once of what is left. */
function sparseBlock(rest: number): number {
  return [32, 16].find((width) => width <= rest) ?? BLOCK;
}

/**
 * For the kernel `sparseProduct`: for each of its blocks of outputs, for each pair of inputs over
 * all segments in turn, outputs x 2 inputs; as many bytes as `packedBytes` says.
 *
 * @param weights [outputs][segments][length]. A 3x3 convolution has 9 segments of inputs.
 */
export function packSparse(
  weights: Int16Array,
  outputs: number,
  segments: number,
  length: number,
): Int16Array {
  const out = new Int16Array(packedBytes(outputs, segments, length) / 2);
  const padded = padOutputs(outputs);
  const pairs = padLength(length) / 2;
  for (let start = 0; start < padded; ) {
    const width = sparseBlock(padded - start);
    for (let o = start; o < Math.min(start + width, outputs); o++) {
      const first = 2 * (start * segments * pairs + o - start);
      for (let s = 0; s < segments; s++) {
        const from = (o * segments + s) * length;
        const to = first + 2 * s * pairs * width;
        for (let i = 0; i < length; i++) {
          out[to + (i >> 1) * 2 * width + (i & 1)] = weights[from + i]!;
        }
      }
    }
    start += width;
  }
  return out;
}
