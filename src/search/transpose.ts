import type { ConvLayer } from '../model/layers.js';

/**
 * The adjoint of a convolution of stride 1: kernels turned around, inputs and outputs exchanged, no
 * bias. It takes a gradient with respect to the layer's output to one with respect to its input, on
 * the forward layer's scale.
 */
export function transposed(layer: ConvLayer): ConvLayer {
  const { inputs, kernel, outputs, weights } = layer;
  const taps = kernel * kernel;
  const turned = new Int16Array(weights.length);
  for (let o = 0; o < outputs; o++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < inputs; i++) {
        turned[(i * taps + taps - 1 - tap) * outputs + o] = weights[(o * taps + tap) * inputs + i]!;
      }
    }
  }
  return {
    ...layer,
    inputs: outputs,
    outputs: inputs,
    weights: turned,
    bias: new Int32Array(inputs),
    min: -32767,
    max: 32767,
  };
}
