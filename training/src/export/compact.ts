import type { NamedTensor, TensorFile } from '../../../src/model/tensors.ts';
import { costWithoutInputs } from '../../../src/weights/compress/layer.ts';
import { exp2, log2 } from '../../../src/weights/compress/math.ts';
import { PriceSearch } from '../../../src/weights/compress/price.ts';
import { quantizeMatrix } from '../../../src/weights/compress/quantize.ts';
import { writeWeights } from '../../../src/weights/format/write.ts';
import type { StoredTensor } from '../../../src/weights/types.ts';

/** A model part with fewer distinct weights. */
export interface Compacted {
  /** The same tensors, integers as before. */
  file: TensorFile;
  /** Bytes of a `.shvw` file of version 1 that holds them. */
  bytes: number;
  /** 8 * bytes over the number of weights. */
  bitsPerWeight: number;
}

const SETTINGS = { dimensions: 1, learned: false } as const;
const PASSES = 8;
/** Bits a weight that are near enough to what was asked for. */
const NEAR = 0.02;

/** Weights, of which there are many; biases, gains and centers stay as they are. */
function isWeights({ name, data }: NamedTensor): boolean {
  return name.endsWith('weights') && data instanceof Int16Array && data.length >= 256;
}

/** One tensor on rounded multiples of a step, chosen by rate and error relative to its power. */
function quantize(tensor: NamedTensor, lambda: number): { data: Int16Array; stored: StoredTensor } {
  const { name, shape, data } = tensor;
  const rows = shape[0];
  const columns = data.length / rows;
  let power = 0;
  for (const w of data) power += w * w;
  const weights = { rows, columns, data: Float64Array.from(data) };
  const cost = costWithoutInputs(columns, power > 0 ? 1 / power : 1);
  const { centers, indices } = quantizeMatrix(weights, cost, lambda, SETTINGS);
  const points = [...new Set(Array.from(indices, (i) => Math.round(centers.points[i])))];
  points.sort((a, b) => a - b);
  const place = new Map(points.map((point, i) => [point, i]));
  const rounded = Int16Array.from(indices, (i) => Math.round(centers.points[i]));
  return {
    data: rounded,
    stored: {
      name,
      shape,
      mode: 'quantized',
      axis: 0,
      codebook: { kind: 'scalar', step: 1, points: Int32Array.from(points) },
      indices: Int32Array.from(rounded, (w) => place.get(w) ?? 0),
    },
  };
}

function asIs({ name, shape, data }: NamedTensor): StoredTensor {
  const dtype = { 1: 'int8', 2: 'int16', 4: 'int32' } as const;
  return { name, shape, data, dtype: dtype[data.BYTES_PER_ELEMENT as 1 | 2 | 4], mode: 'lossless' };
}

/**
 * Quantizes a part's integer weights so that the whole file takes so many bits a weight. Errors
 * count relative to the power of their tensor; the integers that are left decode exactly.
 */
export function compactWeights(part: TensorFile, bits: number): Compacted {
  const count = part.tensors.filter(isWeights).reduce((sum, { data }) => sum + data.length, 0);
  const at = (price: number): Compacted => {
    const made = part.tensors.map((tensor) =>
      isWeights(tensor)
        ? quantize(tensor, exp2(price))
        : { data: tensor.data, stored: asIs(tensor) },
    );
    const { length } = writeWeights({
      metadata: part.structure,
      tensors: made.map(({ stored }) => stored),
    });
    const tensors = part.tensors.map((tensor, i) => ({ ...tensor, data: made[i].data }));
    return {
      file: { ...part, tensors },
      bytes: length,
      bitsPerWeight: (8 * length) / count,
    };
  };
  const search = new PriceSearch(-2 * bits - log2(count));
  let best = at(search.price);
  for (let pass = 1; pass < PASSES && Math.abs(best.bitsPerWeight - bits) > NEAR; pass++) {
    if (!search.next(log2(best.bitsPerWeight), log2(bits))) break;
    best = at(search.price);
  }
  return best;
}
