import { CONTEXT_TAPS } from '../../../src/format/constants.ts';
import type { ContextGroup, ContextModel } from '../../../src/model/layers.ts';
import type { Structure } from '../config.ts';
import { causalNeighbours } from '../model/networks.ts';
import type { Layout } from '../model/parameters.ts';
import { type Tensor4D, tf } from '../tf.ts';
import { tensorsOf } from './float.ts';
import { type Grid, gridFor, integerSum, outputsFirst } from './integers.ts';

/** One log-scale step of the format: 1/256 octave, in nats. */
const LOG_UNIT = Math.LN2 / 256;

/** Largest activations of the taps and of the groups' hidden layers on dequantized latents. */
export interface ContextRanges {
  taps: number;
  hidden: number;
}

/** Weights [rows][columns] of group g in a [groups][rows][columns] tensor. */
function ofGroup(tensor: Float32Array, g: number, rows: number, columns: number): Float32Array {
  return tensor.subarray(g * rows * columns, (g + 1) * rows * columns);
}

/** Runs the hidden layers of the context model on a latent [n, h, w, C] and widens the ranges. */
export function calibrateContext(
  layout: Layout,
  s: Structure,
  flat: Float32Array,
  latent: Tensor4D,
  ranges: ContextRanges,
): void {
  const tensor = tensorsOf(layout, flat);
  const { hidden, groupHidden } = s.context;
  const [n, h, w, c] = latent.shape;
  tf.tidy(() => {
    const x = causalNeighbours(latent);
    const weights = tf.tensor2d(tensor('context.taps.w'), [CONTEXT_TAPS.length * c, hidden]);
    const a = tf.relu(tf.add(tf.matMul(x, weights), tf.tensor1d(tensor('context.taps.b'))));
    ranges.taps = Math.max(ranges.taps, tf.max(a).dataSync()[0]);
    const v = tf.reshape(latent, [n * h * w, c]);
    for (let g = 0; g < c / s.groupSize; g++) {
      const inner = tf.tensor2d(ofGroup(tensor('context.groupIn.w'), g, hidden, groupHidden), [
        hidden,
        groupHidden,
      ]);
      const links = tf.tensor2d(ofGroup(tensor('context.groupLinks.w'), g, c, groupHidden), [
        c,
        groupHidden,
      ]);
      const bias = tf.tensor1d(ofGroup(tensor('context.groupIn.b'), g, 1, groupHidden));
      const b = tf.add(tf.add(tf.matMul(a, inner), tf.matMul(v, links)), bias);
      ranges.hidden = Math.max(ranges.hidden, tf.max(tf.relu(b)).dataSync()[0]);
    }
  });
}

/** The context model on integers; `latent` is the grid of dequantized values. */
export function integerContext(
  layout: Layout,
  s: Structure,
  flat: Float32Array,
  ranges: ContextRanges,
  latent: Grid,
): ContextModel {
  const tensor = tensorsOf(layout, flat);
  const { hidden, groupHidden } = s.context;
  const { channels, groupSize } = s;
  const tapGrid = gridFor(ranges.taps);
  const hiddenGrid = gridFor(ranges.hidden);

  // Trained as [tap][channel][output]; one sum over all taps, then back to [tap][output][channel].
  const sum = integerSum(
    tensor('context.taps.b'),
    [{ weights: outputsFirst(tensor('context.taps.w'), hidden), grid: latent }],
    () => tapGrid.unit,
  );
  const taps = new Int16Array(sum.weights[0].length);
  const run = CONTEXT_TAPS.length * channels;
  for (let o = 0; o < hidden; o++) {
    for (let tap = 0; tap < CONTEXT_TAPS.length; tap++) {
      const from = o * run + tap * channels;
      taps.set(sum.weights[0].subarray(from, from + channels), (tap * hidden + o) * channels);
    }
  }

  const count = channels / groupSize;
  const inner = Array.from({ length: count }, (_, g) => ({
    bias: ofGroup(tensor('context.groupIn.b'), g, 1, groupHidden),
    terms: [
      {
        weights: outputsFirst(
          ofGroup(tensor('context.groupIn.w'), g, hidden, groupHidden),
          groupHidden,
        ),
        grid: tapGrid,
      },
      {
        weights: outputsFirst(
          ofGroup(tensor('context.groupLinks.w'), g, channels, groupHidden).subarray(
            0,
            g * groupSize * groupHidden,
          ),
          groupHidden,
        ),
        grid: latent,
      },
    ],
  }));
  const outer = Array.from({ length: count }, (_, g) => ({
    bias: ofGroup(tensor('context.groupOut.b'), g, 1, 2 * groupSize),
    terms: [
      {
        weights: outputsFirst(
          ofGroup(tensor('context.groupOut.w'), g, groupHidden, 2 * groupSize),
          2 * groupSize,
        ),
        grid: hiddenGrid,
      },
    ],
  }));
  // All groups share a shift, so that a kernel needs no table of them.
  const hiddenSums = sharedShift(inner, () => hiddenGrid.unit);
  const outerSums = sharedShift(outer, (o) => (o < groupSize ? latent.unit : LOG_UNIT));
  const groups = Array.from(
    { length: count },
    (_, g): ContextGroup => ({
      hidden: { weights: hiddenSums[g].weights[0], bias: hiddenSums[g].bias },
      links: hiddenSums[g].weights[1],
      parameters: { weights: outerSums[g].weights[0], bias: outerSums[g].bias },
    }),
  );
  return {
    groupSize,
    taps: { weights: taps, bias: sum.bias, outputs: hidden, shift: sum.shift, max: tapGrid.max },
    hidden: { outputs: groupHidden, shift: hiddenSums[0].shift, max: hiddenGrid.max },
    parameters: { shift: outerSums[0].shift },
    groups,
  };
}

type Sum = { bias: Float32Array; terms: { weights: Float64Array; grid: Grid }[] };

/** Several sums at the largest shift that all of them allow. */
function sharedShift(sums: Sum[], units: (o: number) => number) {
  const shift = Math.min(...sums.map(({ bias, terms }) => integerSum(bias, terms, units).shift));
  return sums.map(({ bias, terms }) => integerSum(bias, terms, units, shift));
}
