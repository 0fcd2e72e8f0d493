import { descale } from '../entropy/distribution.js';
import { CONTEXT_TAPS } from '../format/constants.js';
import type { ContextModel } from '../model/layers.js';
import { clamp, saturate, type Tensor } from './tensor.js';

/** weights [outputs][inputs] times x, added to the accumulators. */
function addProduct(acc: Int32Array, weights: Int16Array, x: ArrayLike<number>): void {
  const inputs = weights.length / acc.length;
  for (let o = 0; o < acc.length; o++) {
    let sum = acc[o]!;
    for (let c = 0; c < inputs; c++) sum = (sum + Math.imul(weights[o * inputs + c]!, x[c]!)) | 0;
    acc[o] = sum;
  }
}

function activate(acc: Int32Array, shift: number, min: number, max: number): Int16Array {
  return Int16Array.from(acc, (sum) => clamp(saturate(descale(sum, shift)), min, max));
}

/** What the causal taps see at a position of the tile: docs/format.md, section 7.3, h. */
export function neighbourhood(model: ContextModel, v: Tensor, x: number, y: number): Int16Array {
  const { weights, bias, outputs, shift, max } = model.taps;
  const acc = bias.slice();
  const size = outputs * v.channels;
  CONTEXT_TAPS.forEach(([dx, dy], tap) => {
    const column = x + dx;
    const row = y + dy;
    if (column < 0 || column >= v.width || row < 0) return;
    const from = (row * v.width + column) * v.channels;
    addProduct(
      acc,
      weights.subarray(tap * size, (tap + 1) * size),
      v.data.subarray(from, from + v.channels),
    );
  });
  return activate(acc, shift, 0, max);
}

/**
 * Means and log-scales of one group's channels, from the neighbourhood and the groups before at
 * the same position: docs/format.md, section 7.3.
 *
 * @returns [2 * group size]: means in units of 2^-10 of the latent, then log-scales in units of
 *   1/256 octave.
 */
export function predict(
  model: ContextModel,
  group: number,
  neighbours: Int16Array,
  before: Int16Array,
): Int16Array {
  const { hidden, links, parameters } = model.groups[group]!;
  const acc = hidden.bias.slice();
  addProduct(acc, hidden.weights, neighbours);
  addProduct(acc, links, before);
  const h = activate(acc, model.hidden.shift, 0, model.hidden.max);
  const out = parameters.bias.slice();
  addProduct(out, parameters.weights, h);
  return activate(out, model.parameters.shift, -32768, 32767);
}
