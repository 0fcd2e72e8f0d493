import { ShvqError } from '../../format/errors.js';
import type { Layer, LayerInput } from './network.js';

/** Some of the vectors that a layer's weights are multiplied with. */
export interface Patches {
  readonly rows: number;
  /** Inputs of one output: channels times the window's size. */
  readonly columns: number;
  /** [columns][rows], so that moments are products of rows. */
  readonly data: Float32Array;
}

/** The golden ratio's fraction: multiples of it, modulo 1, spread evenly. */
const GOLDEN = 0.6180339887498949;

/**
 * Takes at most `limit` patches, spread evenly over pictures and positions: enough for moments, and
 * the same for the same shape, so that two networks are seen at the same places.
 *
 * Columns are in the order of the weights: [channel][y][x] for outputs first, [y][x][channel] for
 * outputs last.
 *
 * @throws ShvqError BAD_INPUT where the input has not the rank that the layer needs.
 */
export function samplePatches(layer: Layer, input: LayerInput, limit: number): Patches {
  const { window } = layer;
  const { shape, data } = input;
  if (shape.length !== (window ? 4 : 2)) {
    throw new ShvqError(
      'BAD_INPUT',
      `The input of ${layer.weights} has ${shape.length} sides, not ${window ? 4 : 2}`,
    );
  }
  const channels = shape.at(-1)!;
  const w = window ?? { height: 1, width: 1, stride: 1, top: 0, left: 0, rows: 1, columns: 1 };
  const height = window ? shape[1]! : 1;
  const width = window ? shape[2]! : 1;
  const positions = w.rows * w.columns;
  const total = shape[0]! * positions;
  const rows = Math.min(limit, total);
  const size = w.height * w.width;
  const columns = channels * size;
  const out = new Float32Array(columns * rows);
  const [perChannel, perTap] = layer.outputs === 'first' ? [size, 1] : [1, channels];
  for (let r = 0; r < rows; r++) {
    const at = rows === total ? r : Math.floor(((r + ((r * GOLDEN) % 1)) * total) / rows);
    const picture = Math.floor(at / positions);
    const top = Math.floor((at % positions) / w.columns) * w.stride - w.top;
    const left = (at % w.columns) * w.stride - w.left;
    for (let tap = 0; tap < size; tap++) {
      const y = top + Math.floor(tap / w.width);
      const x = left + (tap % w.width);
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      const from = ((picture * height + y) * width + x) * channels;
      for (let c = 0; c < channels; c++) {
        out[(c * perChannel + tap * perTap) * rows + r] = data[from + c]!;
      }
    }
  }
  return { rows, columns, data: out };
}
