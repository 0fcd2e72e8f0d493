import type { QuantizedTensor } from '../types.js';
import type { OutputStatistics } from './layer.js';
import { rootMeanSquare } from './math.js';
import type { NamedTensors } from './network.js';
import { type FoldedNormalization, type NormalizedLayer, shiftOf } from './normalization.js';
import { STEP_LEAST, stepFor } from './quantize.js';
import { storeConstant, storeRounded } from './store.js';

/**
 * Shifts and biases, in steps of the optimum for their error: there a step wider by half costs less
 * than can be measured, and they are half of what a small file holds beside indices.
 */
const SHIFT_STEPS = 1.5;
/**
 * Scales and shifts of no known layer, in steps of the optimum for their error, where weights err by
 * more than is foretold without inputs: of 1, 2 and 3 the last had the smallest file at equal accuracy.
 */
const UNPLACED_STEPS = 3;
/** Their steps, at most, in root mean squares. */
const COARSEST = 1 / 4;
/** A factor beyond this tells of a layer that quantization has emptied. */
const FACTOR_MAX = 4;

/**
 * Re-fits a folded batch normalization to what the quantized layer before it makes: each output gets
 * the mean and, where it has a scale, the variance back that it had in float. Writes its tensors,
 * rounded.
 *
 * @param weight Cost of a unit of squared output error, for the steps.
 */
export function refitNormalization(
  tensors: NamedTensors,
  float: NamedTensors,
  layer: NormalizedLayer,
  was: OutputStatistics,
  is: OutputStatistics,
  lambda: number,
  weight: number,
): QuantizedTensor[] {
  const { normalization } = layer;
  const outputs = was.mean.length;
  const shift = shiftOf(tensors, normalization, outputs);
  const wanted = shiftOf(float, normalization, outputs);
  const stored = storeIdentity(tensors, layer);
  const scale = normalization.scale && tensors.get(normalization.scale)!.data;
  if (scale) {
    let power = 0;
    for (let o = 0; o < outputs; o++) {
      const ratio = is.variance[o]! > 0 ? was.variance[o]! / is.variance[o]! : 1;
      scale[o] = Math.min(FACTOR_MAX, Math.sqrt(ratio));
      power += is.variance[o]! / outputs;
    }
    const scaleStep = Math.min(1 / 16, stepFor(lambda, weight * Math.max(power, 1e-9)));
    stored.push(storeRounded(normalization.scale, [outputs], scale, scaleStep));
  }
  for (let o = 0; o < outputs; o++) {
    shift[o] = wanted[o]! + was.mean[o]! - (scale ? scale[o]! : 1) * is.mean[o]!;
  }
  stored.push(storeRounded(normalization.shift, [outputs], shift, shiftStep(lambda, weight)));
  return stored;
}

function shiftStep(lambda: number, weight: number): number {
  return SHIFT_STEPS * stepFor(lambda, weight);
}

/** A tensor as it is, all alike. */
function storeAlike(tensors: NamedTensors, name: string): QuantizedTensor {
  const { shape, data } = tensors.get(name)!;
  return storeConstant(name, shape, data[0] ?? 0);
}

/** What folding leaves of a mean, a variance and a layer's bias: 0, 1 and 0. */
function storeIdentity(
  tensors: NamedTensors,
  { bias, normalization: { mean, variance } }: Pick<NormalizedLayer, 'bias' | 'normalization'>,
): QuantizedTensor[] {
  const names = bias === undefined ? [mean, variance] : [mean, variance, bias];
  return names.map((name) => storeAlike(tensors, name));
}

/** A folded normalization behind a layer of unknown inputs: its shift is rounded. */
export function roundNormalization(
  tensors: NamedTensors,
  layer: NormalizedLayer,
  lambda: number,
  weight: number,
): QuantizedTensor[] {
  const { scale, shift } = layer.normalization;
  const { shape, data } = tensors.get(shift)!;
  return [
    ...(scale ? [storeAlike(tensors, scale)] : []),
    storeRounded(shift, shape, data, shiftStep(lambda, weight)),
    ...storeIdentity(tensors, layer),
  ];
}

/** A folded normalization of no known layer: its scale and shift are rounded as its outputs can bear. */
export function roundScaleAndShift(
  tensors: NamedTensors,
  { normalization, weight, inputPower }: FoldedNormalization,
  lambda: number,
): QuantizedTensor[] {
  const round = (name: string, step: number): QuantizedTensor => {
    const { shape, data } = tensors.get(name)!;
    const size = rootMeanSquare(data);
    // As training begins: shifts of zero, or scales.
    if (size < STEP_LEAST) return storeConstant(name, shape, 0);
    return storeRounded(name, shape, data, Math.min(UNPLACED_STEPS * step, COARSEST * size));
  };
  return [
    round(normalization.scale, stepFor(lambda, weight * inputPower)),
    round(normalization.shift, shiftStep(lambda, weight)),
    ...storeIdentity(tensors, { normalization }),
  ];
}

/** A layer's bias, moved by what the quantized weights change in the outputs' means. */
export function refitBias(
  tensors: NamedTensors,
  float: NamedTensors,
  bias: string,
  was: OutputStatistics,
  is: OutputStatistics,
  lambda: number,
  weight: number,
): QuantizedTensor {
  const { shape, data } = tensors.get(bias)!;
  const wanted = float.get(bias)!.data;
  for (let o = 0; o < data.length; o++) data[o] = wanted[o]! + was.mean[o]! - is.mean[o]!;
  return storeRounded(bias, shape, data, shiftStep(lambda, weight));
}
