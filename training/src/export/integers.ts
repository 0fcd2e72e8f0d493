import type { ConvLayer, Layer, Transform } from '../../../src/model/layers.ts';
import type { Ranges } from './calibrate.ts';
import type { FloatConv, FloatLayer, FloatTransform } from './float.ts';

/** How an integer tensor stands for a real one: real = integer * unit, |integer| <= max. */
export interface Grid {
  unit: number;
  max: number;
}

/** Clamps lie at this many times the largest value seen in calibration. */
export const HEADROOM = 2;
/** Largest integer of the tensors between layers: leaves the accumulator 19 bits of weights. */
export const HIDDEN_MAX = 4095;
/** Tensors that never leave this range of zero carry nothing; finer grids would need huge weights. */
const LEAST_RANGE = 2 ** -6;
const LIMIT = 2 ** 31;

/** One term of a sum: weights [outputs][length] on an input grid. */
export interface Term {
  weights: ArrayLike<number>;
  grid: Grid;
}

export interface IntegerSum {
  weights: Int16Array[];
  bias: Int32Array;
  shift: number;
}

/**
 * Integer weights of out[o] = bias[o] + sum over terms of weights[o] * x, with out on units that
 * may differ from output to output: the largest shift with which no weight leaves 16 bits and no
 * accumulator can overflow (docs/format.md, section 7.1).
 *
 * @throws Error where not even shift 0 fits.
 */
export function integerSum(
  bias: ArrayLike<number>,
  terms: Term[],
  units: (o: number) => number,
  largestShift = 24,
): IntegerSum {
  const outputs = bias.length;
  for (let shift = largestShift; shift >= 0; shift--) {
    const scaled = terms.map(({ weights, grid }) => {
      const length = weights.length / outputs;
      return Float64Array.from(weights, (w, i) =>
        Math.round(((w * grid.unit) / units(Math.floor(i / length))) * 2 ** shift),
      );
    });
    const biases = Float64Array.from(bias, (b, o) => Math.round((b / units(o)) * 2 ** shift));
    if (scaled.some((weights) => weights.some((w) => Math.abs(w) > 32767))) continue;
    let fits = true;
    for (let o = 0; o < outputs && fits; o++) {
      let sum = Math.abs(biases[o]) + (shift === 0 ? 0 : 2 ** (shift - 1));
      scaled.forEach((weights, t) => {
        const length = weights.length / outputs;
        let magnitude = 0;
        for (let i = o * length; i < (o + 1) * length; i++) magnitude += Math.abs(weights[i]);
        sum += magnitude * terms[t].grid.max;
      });
      fits = sum < LIMIT;
    }
    if (!fits) continue;
    return {
      weights: scaled.map((weights) => Int16Array.from(weights)),
      bias: Int32Array.from(biases),
      shift,
    };
  }
  throw new Error(
    'an accumulator overflows at every shift: the weights or the clamps are too large',
  );
}

/** [kernel][kernel][inputs][outputs] to [outputs][kernel][kernel][inputs]. */
export function outputsFirst(weights: ArrayLike<number>, outputs: number): Float64Array {
  const length = weights.length / outputs;
  return Float64Array.from(
    weights,
    (_, i) => weights[(i % length) * outputs + Math.floor(i / length)],
  );
}

function integerConv(layer: FloatConv, input: Grid, output: Grid): ConvLayer {
  const { kernel, stride, inputs, outputs, relu } = layer;
  const term = { weights: outputsFirst(layer.weights, outputs), grid: input };
  const { weights, bias, shift } = integerSum(layer.bias, [term], () => output.unit);
  const min = relu ? 0 : -output.max;
  return {
    op: 'conv',
    kernel,
    stride,
    inputs,
    outputs,
    weights: weights[0],
    bias,
    shift,
    min,
    max: output.max,
  };
}

/** A grid with room for `HEADROOM` times what was seen; a dead layer gets the least of ranges. */
export function gridFor(seen: number): Grid {
  return { unit: (HEADROOM * Math.max(seen, LEAST_RANGE)) / HIDDEN_MAX, max: HIDDEN_MAX };
}

/**
 * One list of layers on integers. A residual adds on its input's grid, so the grid of a tensor
 * that residuals read covers the range of all of them.
 */
function integerLayers(layers: FloatLayer[], ranges: Ranges, input: Grid, output: Grid): Layer[] {
  const seen = (layer: FloatLayer) => ranges.get(layer) ?? 0;
  const lastConv = layers.map((layer) => layer.op).lastIndexOf('conv');
  let grid = input;
  return layers.map((layer, i): Layer => {
    switch (layer.op) {
      case 'conv': {
        let range = seen(layer);
        for (let j = i + 1; j < layers.length && layers[j].op !== 'conv'; j++) {
          range = Math.max(range, seen(layers[j]));
        }
        const next = i === lastConv ? output : gridFor(range);
        const conv = integerConv(layer, grid, next);
        grid = next;
        return conv;
      }
      case 'residual': {
        const inner = gridFor(seen(layer.first));
        return {
          op: 'residual',
          first: integerConv(layer.first, grid, inner),
          second: integerConv(layer.second, inner, grid),
          min: -grid.max,
          max: grid.max,
        };
      }
      default:
        return layer;
    }
  });
}

/** A transform on integers, from the input's grid to the output's. */
export function integerTransform(
  { trunk, shortcut }: FloatTransform,
  ranges: Ranges,
  input: Grid,
  output: Grid,
): Transform {
  return {
    trunk: integerLayers(trunk, ranges, input, output),
    shortcut: integerLayers(shortcut, ranges, input, output),
  };
}
