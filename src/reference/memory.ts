import { largestTile } from '../format/tiles.js';
import type { DecoderModel, Layer } from '../model/layers.js';
import { STRIP_ROWS } from '../runtime/engine.js';
import type { ReferenceCoding } from './coding.js';
import { KEPT } from './rows.js';

/** Values a latent column in the rows that each layer of a list makes: src/reference/rows.ts. */
function valuesPerColumn(layers: readonly Layer[], channels: number): number {
  let total = 0;
  /** Positions of the layer's rows a latent column, and their channels. */
  let positions = 1;
  let depth = channels;
  for (const layer of layers) {
    switch (layer.op) {
      case 'conv':
        positions /= layer.stride;
        depth = layer.outputs;
        break;
      case 'residual':
        total += positions * (layer.first.outputs + layer.second.outputs);
        break;
      case 'spaceToDepth':
        positions /= layer.block;
        depth *= layer.block ** 2;
        break;
      case 'depthToSpace':
        positions *= layer.block;
        depth /= layer.block ** 2;
        break;
    }
    total += positions * depth;
  }
  return total;
}

/** Bytes that the reference needs for a picture beside model and output. */
export function decoderWorkspace(
  { latent, synthesis }: DecoderModel,
  { positionBytes, tableBytes }: ReferenceCoding,
  width: number,
  height: number,
): number {
  const { channels, stride } = latent;
  const columns = Math.ceil(width / stride);
  const rows = Math.ceil(height / stride);
  const side = largestTile(stride);
  const tile = Math.min(columns, side) * Math.min(rows, side);
  const values =
    channels +
    valuesPerColumn(synthesis.trunk, channels) +
    valuesPerColumn(synthesis.shortcut, channels) +
    3 * stride;
  return (
    // Symbols of the picture; symbols and latent of a tile; rows; a strip of pixels; the quantizer.
    columns * rows * positionBytes +
    tile * (positionBytes + 2 * channels) +
    columns * values * KEPT * 2 +
    width * 4 * STRIP_ROWS +
    tableBytes
  );
}
