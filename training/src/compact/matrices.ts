import type {
  DecoderModel,
  EncoderModel,
  Layer,
  ScalarModel,
  Transform,
} from '../../../src/model/layers.ts';

/** Where a tensor's weights lie in a layer's matrix. */
export interface Part {
  tensor: string;
  /** First of its columns in the matrix, and how many they are. */
  from: number;
  columns: number;
  /** Shapes of the steps of rows and of columns, of the tensor's rank. */
  rowSteps: number[];
  columnSteps: number[];
  /** The element of a row and a column, counted within the part. */
  at(row: number, column: number): number;
}

/** All weights that a sum of the integer model takes, one row an output. */
export interface Matrix {
  /** Of the layer. */
  name: string;
  rows: number;
  columns: number;
  parts: Part[];
  /** The tensor of biases. */
  bias: string;
  /** Sums are in units of 2^-shift of the outputs. */
  shift: number;
  /** The largest magnitude of a column's inputs. */
  largest(column: number): number;
}

function ofLayer(layer: Layer, name: string, largest: number): { found: Matrix[]; max: number } {
  if (layer.op === 'residual') {
    const first = ofLayer(layer.first, `${name}.first`, largest);
    const second = ofLayer(layer.second, `${name}.second`, first.max);
    const max = Math.max(layer.max, -layer.min);
    return { found: [...first.found, ...second.found], max };
  }
  if (layer.op !== 'conv') return { found: [], max: largest };
  const { kernel, inputs, outputs, shift } = layer;
  const columns = kernel * kernel * inputs;
  const matrix: Matrix = {
    name,
    rows: outputs,
    columns,
    parts: [
      {
        tensor: `${name}.weights`,
        from: 0,
        columns,
        rowSteps: [outputs, 1, 1, 1],
        columnSteps: [1, kernel, kernel, inputs],
        at: (row, column) => row * columns + column,
      },
    ],
    bias: `${name}.bias`,
    shift,
    largest: () => largest,
  };
  return { found: [matrix], max: Math.max(layer.max, -layer.min) };
}

function ofTransform({ trunk, shortcut }: Transform, name: string, largest: number): Matrix[] {
  const part = (layers: readonly Layer[], key: string) => {
    let max = largest;
    return layers.flatMap((layer, i) => {
      const { found, max: next } = ofLayer(layer, `${name}.${key}.${i}`, max);
      max = next;
      return found;
    });
  };
  return [...part(trunk, 'trunk'), ...part(shortcut, 'shortcut')];
}

function ofContext({ context, latent }: ScalarModel): Matrix[] {
  const { groupSize, groups, hidden, parameters, taps } = context;
  const { channels, max } = latent;
  const rowByRow = (tensor: string, rows: number, columns: number, from = 0): Part => ({
    tensor,
    from,
    columns,
    rowSteps: [rows, 1],
    columnSteps: [1, columns],
    at: (row, column) => row * columns + column,
  });
  const all: Matrix[] = [
    {
      name: 'context.taps',
      rows: taps.outputs,
      columns: 6 * channels,
      parts: [
        {
          tensor: 'context.taps.weights',
          from: 0,
          columns: 6 * channels,
          rowSteps: [1, taps.outputs, 1],
          columnSteps: [6, 1, channels],
          at: (row, column) => {
            const tap = Math.floor(column / channels);
            return (tap * taps.outputs + row) * channels + (column % channels);
          },
        },
      ],
      bias: 'context.taps.bias',
      shift: taps.shift,
      largest: () => max,
    },
  ];
  groups.forEach((_, g) => {
    const name = `context.groups.${g}`;
    const parts = [rowByRow(`${name}.hidden.weights`, hidden.outputs, taps.outputs)];
    const linked = groupSize * g;
    if (g > 0) parts.push(rowByRow(`${name}.links.weights`, hidden.outputs, linked, taps.outputs));
    all.push({
      name: `${name}.hidden`,
      rows: hidden.outputs,
      columns: taps.outputs + linked,
      parts,
      bias: `${name}.hidden.bias`,
      shift: hidden.shift,
      largest: (column) => (column < taps.outputs ? taps.max : max),
    });
    all.push({
      name: `${name}.parameters`,
      rows: 2 * groupSize,
      columns: hidden.outputs,
      parts: [rowByRow(`${name}.parameters.weights`, 2 * groupSize, hidden.outputs)],
      bias: `${name}.parameters.bias`,
      shift: parameters.shift,
      largest: () => hidden.max,
    });
  });
  return all;
}

/** The matrices of the decoder's part. */
export function decoderMatrices(model: DecoderModel): Matrix[] {
  const synthesis = ofTransform(model.synthesis, 'synthesis', model.latent.max);
  return 'vectors' in model ? synthesis : [...ofContext(model), ...synthesis];
}

/** The matrices of the encoder's part. */
export function encoderMatrices({ analysis }: EncoderModel): Matrix[] {
  return ofTransform(analysis, 'analysis', 255);
}
