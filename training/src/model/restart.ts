import type { Config } from '../config.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import type { OptimizerState } from '../optim/optimizer.ts';
import { Rng } from '../rng.ts';
import { type Tensor4D, tf } from '../tf.ts';
import { unpack } from '../trainer.ts';
import { type Activation, relu } from './layers.ts';
import { analysis } from './networks.ts';
import type { Layout } from './parameters.ts';

/** Deviation of what a unit gets, so that all count about alike. */
const DEVIATION = 0.5;
const CROPS = 8;

/**
 * Starts the analysis anew but for its stem and its linear shortcut, for a run whose analysis has
 * lost its units: fresh weights, with scales and shifts that turn every unit on at half of the
 * positions, and a head of zeros whose bias is what the old layers gave on average. So the codec
 * is about what it was, and the new units learn from there.
 */
export function restartAnalysis(
  { structure, run }: Config,
  layout: Layout,
  state: OptimizerState,
  images: ImageSet,
  rng: Rng,
): void {
  const { crop } = run;
  const data = drawBatch(images, CROPS, crop, new Rng(run.seed));
  const slot = (name: string) => {
    const p = layout.byName.get(name);
    if (!p) throw new Error(`no parameter ${name}`);
    return p;
  };
  const view = (name: string, of: Float32Array = state.weights) => {
    const { offset, size } = slot(name);
    return of.subarray(offset, offset + size);
  };
  /** Mean latent of the crops, by channel. */
  const meanLatent = (activation?: Activation): Float32Array => {
    const mean = tf.tidy(() => {
      const x = tf.tensor4d(data, [CROPS, crop, crop, 3]);
      return tf.mean(analysis(unpack(layout, state.weights), structure, x, activation), [0, 1, 2]);
    });
    const values = mean.dataSync() as Float32Array;
    mean.dispose();
    return values;
  };

  const restarted = layout.parameters.filter(
    ({ name }) => /^analysis\./.test(name) && !/stem|shortcut/.test(name),
  );
  const old = meanLatent();
  for (const p of restarted) {
    const t = state.weights.subarray(p.offset, p.offset + p.size);
    const zero = p.name.startsWith('analysis.head') || p.name.endsWith('.b');
    for (let i = 0; i < t.length; i++) {
      if ('normal' in p.init) t[i] = rng.normal() * p.init.normal;
      else t[i] = zero ? 0 : (2 * rng.uniform() - 1) * ('uniform' in p.init ? p.init.uniform : 0);
    }
  }
  const isRestarted = new Set(restarted.map(({ name }) => name));
  const after = meanLatent((before, layer) => {
    if (!isRestarted.has(`${layer}.w`)) return relu(before);
    const { mean, variance } = tf.moments(before, [0, 1, 2]);
    const scale = tf.div(DEVIATION, tf.maximum(tf.sqrt(variance), 1e-6));
    const shift = tf.neg(tf.mul(mean, scale));
    const scales = scale.dataSync();
    const weights = view(`${layer}.w`);
    for (let i = 0; i < weights.length; i++) weights[i] *= scales[i % scales.length];
    view(`${layer}.b`).set(shift.dataSync());
    // What the layer gives with these, so that those behind it see it in the same pass.
    return relu(tf.add(tf.mul(before, scale), shift) as Tensor4D);
  });
  view('analysis.head.b').set(old.map((mean, k) => mean - after[k]));
  for (const { name } of restarted) {
    view(name, state.ema).set(view(name));
    view(name, state.first).fill(0);
    view(name, state.second).fill(0);
  }
}
