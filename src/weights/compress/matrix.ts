import type { Layer } from './network.js';

/** A layer's weights as a matrix, one row an output. */
export interface WeightMatrix {
  readonly rows: number;
  readonly columns: number;
  /** [rows][columns] */
  readonly data: Float64Array;
}

/** How positions of a tensor and of its matrix belong together. */
function strides(outputs: Layer['outputs'], rows: number, columns: number): [number, number] {
  return outputs === 'first' ? [columns, 1] : [1, rows];
}

/** @param shape At least two sides; the first or the last one counts outputs. */
export function toMatrix(
  shape: readonly number[],
  data: ArrayLike<number>,
  outputs: Layer['outputs'],
): WeightMatrix {
  const rows = outputs === 'first' ? shape[0]! : shape.at(-1)!;
  const columns = data.length / rows;
  const [down, across] = strides(outputs, rows, columns);
  const out = new Float64Array(data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[r * columns + c] = data[r * down + c * across]!;
  }
  return { rows, columns, data: out };
}

/** Writes a matrix back in the tensor's order. */
export function fromMatrix(
  { rows, columns, data }: { rows: number; columns: number; data: ArrayLike<number> },
  outputs: Layer['outputs'],
  into: { [i: number]: number },
): void {
  const [down, across] = strides(outputs, rows, columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) into[r * down + c * across] = data[r * columns + c]!;
  }
}
