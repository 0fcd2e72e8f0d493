import { CONTEXT_TAPS } from '../../../src/format/constants.ts';
import type { Structure } from '../config.ts';
import { type Tensor2D, type Tensor3D, type Tensor4D, tf } from '../tf.ts';
import { compressiveAnalysis, compressiveSynthesis } from './compressive.ts';
import {
  type Activation,
  conv,
  depthToSpace,
  relu,
  residual,
  spaceToDepth,
  type Weights,
} from './layers.ts';

/**
 * The linear shortcut is all that a young analysis needs: what its other layers add is noise at
 * first, and without a leak training turned their units off for good, one after the other.
 */
const LEAK = 0.01;
const leaky: Activation = (before) => relu(before, LEAK);

/**
 * Picture minus 0.5, [n, 16h, 16w, 3] -> latent [n, h, w, C]; at 1/8 where it is compressive.
 *
 * @param activation In place of the rectifier, for whoever wants to see or change what it gets.
 */
export function analysis(
  w: Weights,
  s: Structure,
  x: Tensor4D,
  activation: Activation = leaky,
): Tensor4D {
  if (s.compressive) return compressiveAnalysis(w, s.compressive, x);
  const active = (name: string, input: Tensor4D, stride = 1) =>
    activation(conv(w, name, input, stride), name);
  let h = active('analysis.stem', spaceToDepth(x, 4));
  h = residual(w, 'analysis.res1', h, activation);
  h = active('analysis.down1', h, 2);
  h = residual(w, 'analysis.res2', h, activation);
  h = active('analysis.down2', h, 2);
  for (let i = 0; i < s.analysis.deepBlocks; i++) {
    h = residual(w, `analysis.res3.${i}`, h, activation);
  }
  return tf.add(conv(w, 'analysis.head', h), conv(w, 'analysis.shortcut', spaceToDepth(x, 16)));
}

/** Dequantized latent [n, h, w, C] -> picture minus 0.5, [n, 16h, 16w, 3], not clipped. */
export function synthesis(w: Weights, s: Structure, v: Tensor4D): Tensor4D {
  if (s.compressive) return compressiveSynthesis(w, s.compressive, v);
  let h = conv(w, 'synthesis.stem', v);
  for (let i = 0; i < s.synthesis.blocks; i++) h = residual(w, `synthesis.res1.${i}`, h);
  h = relu(depthToSpace(conv(w, 'synthesis.up1', h), 2));
  h = residual(w, 'synthesis.res2', h);
  h = relu(depthToSpace(conv(w, 'synthesis.up2', h), 2));
  const detail = depthToSpace(conv(w, 'synthesis.head', h), 4);
  return tf.add(detail, depthToSpace(conv(w, 'synthesis.shortcut', v), 16));
}

/** What the context model predicts for every latent: [n, h, w, C] each, in units of y. */
export interface Prediction {
  mean: Tensor4D;
  logScale: Tensor4D;
}

/** The six causal neighbours of every position, zero outside: [n * h * w, 6 * C]. */
export function causalNeighbours(v: Tensor4D): Tensor2D {
  const [n, height, width, c] = v.shape;
  const padded = tf.pad(v, [
    [0, 0],
    [2, 0],
    [2, 1],
    [0, 0],
  ]);
  const taps = CONTEXT_TAPS.map(([dx, dy]) =>
    tf.slice(padded, [0, 2 + dy, 2 + dx, 0], [n, height, width, c]),
  );
  return tf.reshape(tf.concat(taps, 3), [n * height * width, CONTEXT_TAPS.length * c]);
}

/**
 * Dequantized latent [n, h, w, C] -> mean and log-scale of every element from those before it:
 * the six causal neighbours (zero outside) and the lower groups at its own position.
 */
export function context(w: Weights, s: Structure, v: Tensor4D): Prediction {
  const [n, height, width, c] = v.shape;
  const { groupSize } = s;
  const groups = c / groupSize;
  const { hidden, groupHidden } = s.context;
  const cells = n * height * width;

  const neighbours = causalNeighbours(v);
  const tapWeights = tf.reshape(w['context.taps.w'], [CONTEXT_TAPS.length * c, hidden]);
  const h = tf.relu(tf.add(tf.matMul(neighbours, tapWeights), w['context.taps.b']));

  const flat = (name: string, rows: number) =>
    tf.reshape(tf.transpose(w[name], [1, 0, 2]), [rows, groups * groupHidden]);
  const links = tf.mul(w['context.groupLinks.w'], linkMask(s));
  const linked = tf.reshape(tf.transpose(links, [1, 0, 2]), [c, groups * groupHidden]);
  const sum = tf.add(
    tf.matMul(h, flat('context.groupIn.w', hidden)),
    tf.matMul(tf.reshape(v, [cells, c]), linked),
  );
  const bias = tf.reshape(w['context.groupIn.b'], [groups * groupHidden]);
  const inner = tf.reshape(tf.relu(tf.add(sum, bias)), [cells, groups, groupHidden]);
  const byGroup = tf.transpose(inner, [1, 0, 2]) as Tensor3D;
  const outBias = tf.expandDims(w['context.groupOut.b'], 1);
  const out = tf.add(tf.matMul(byGroup, w['context.groupOut.w'] as Tensor3D), outBias);
  const half = (at: number) =>
    tf.reshape(tf.transpose(tf.slice(out, [0, 0, at], [groups, cells, groupSize]), [1, 0, 2]), [
      n,
      height,
      width,
      c,
    ]) as Tensor4D;
  return { mean: half(0), logScale: half(groupSize) };
}

/** One where group g may read channel i, that is i < g * groupSize: [groups, C, 1]. */
function linkMask(s: Structure): Tensor3D {
  const groups = s.channels / s.groupSize;
  const mask = new Float32Array(groups * s.channels);
  for (let g = 0; g < groups; g++) mask.fill(1, g * s.channels, g * (s.channels + s.groupSize));
  return tf.tensor3d(mask, [groups, s.channels, 1]);
}
