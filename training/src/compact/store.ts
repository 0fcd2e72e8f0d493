import { stepsName } from '../../../src/model/steps.ts';
import type { NamedTensor, TensorFile } from '../../../src/model/tensors.ts';
import { writeWeights } from '../../../src/weights/format/write.ts';
import type { StoredTensor } from '../../../src/weights/types.ts';
import type { Part } from './matrices.ts';
import type { QuantizedLayer } from './quantize.ts';

/** A model part with fewer distinct weights. */
export interface CompactPart {
  /** Its tensors, integers as the codec takes them. */
  part: TensorFile;
  /** The file of version 1 that holds them. */
  bytes: Uint8Array;
}

const DTYPES = { 1: 'int8', 2: 'int16', 4: 'int32' } as const;

function lossless({ name, shape, data }: NamedTensor): StoredTensor {
  const dtype = DTYPES[data.BYTES_PER_ELEMENT as 1 | 2 | 4];
  return { mode: 'lossless', name, shape, dtype, data };
}

/** A part's elements in the tensor's order. */
function placed({ matrix }: QuantizedLayer, part: Part, from: Int16Array): Int16Array {
  const data = new Int16Array(matrix.rows * part.columns);
  for (let row = 0; row < matrix.rows; row++) {
    for (let column = 0; column < part.columns; column++) {
      data[part.at(row, column)] = from[row * matrix.columns + part.from + column];
    }
  }
  return data;
}

/** Integers as multiples of their largest common power of two. */
function multiples({ name, shape, data }: NamedTensor): StoredTensor {
  let step = 2 ** 24;
  while (step > 1 && data.some((x) => x % step !== 0)) step /= 2;
  const indices = Int32Array.from(data, (x) => x / step);
  return { mode: 'quantized', name, shape, axis: 0, codebook: { kind: 'uniform', step }, indices };
}

/** Puts quantized layers in place of a part's own, and writes the file. */
export function storePart(part: TensorFile, layers: readonly QuantizedLayer[]): CompactPart {
  const changed = new Map<string, { tensor: NamedTensor; stored: StoredTensor[] }>();
  const shapes = new Map(part.tensors.map(({ name, shape }) => [name, shape]));
  const shapeOf = (name: string) => shapes.get(name) as readonly number[];
  for (const layer of layers) {
    const { matrix, rowSteps, columnSteps, indices, weights, bias } = layer;
    for (const piece of matrix.parts) {
      const { tensor: name, from, columns } = piece;
      const shape = shapeOf(name);
      const columnPart = columnSteps.slice(from, from + columns);
      changed.set(name, {
        tensor: { name, shape, data: placed(layer, piece, weights) },
        stored: [
          lossless({ name, shape, data: placed(layer, piece, indices) }),
          multiples({ name: stepsName(name, 0), shape: piece.rowSteps, data: rowSteps }),
          multiples({ name: stepsName(name, 1), shape: piece.columnSteps, data: columnPart }),
        ],
      });
    }
    const tensor = { name: matrix.bias, shape: shapeOf(matrix.bias), data: bias };
    changed.set(matrix.bias, { tensor, stored: [multiples(tensor)] });
  }
  const tensors = part.tensors.map((tensor) => changed.get(tensor.name)?.tensor ?? tensor);
  const stored = part.tensors.flatMap(
    (tensor) => changed.get(tensor.name)?.stored ?? [lossless(tensor)],
  );
  const bytes = writeWeights({ metadata: part.structure, tensors: stored });
  return { part: { structure: part.structure, tensors }, bytes };
}
