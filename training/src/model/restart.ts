import type { Config } from '../config.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import type { OptimizerState } from '../optim/optimizer.ts';
import { Rng } from '../rng.ts';
import { tf } from '../tf.ts';
import { unpack } from '../trainer.ts';
import { activities } from './activity.ts';
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
  const x = () =>
    tf.tensor4d(drawBatch(images, CROPS, run.crop, new Rng(run.seed)), [
      CROPS,
      run.crop,
      run.crop,
      3,
    ]);
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
  const meanLatent = (): Float32Array => {
    const mean = tf.tidy(() => {
      const w = unpack(layout, state.weights);
      return tf.mean(analysis(w, structure, x()), [0, 1, 2]);
    });
    const values = mean.dataSync() as Float32Array;
    mean.dispose();
    return values;
  };

  const restarted = layout.parameters.filter(
    ({ name }) => /^analysis\./.test(name) && !/stem|shortcut/.test(name),
  );
  const before = meanLatent();
  for (const p of restarted) {
    const t = state.weights.subarray(p.offset, p.offset + p.size);
    const zero = p.name.startsWith('analysis.head') || p.name.endsWith('.b');
    for (let i = 0; i < t.length; i++) {
      if ('normal' in p.init) t[i] = rng.normal() * p.init.normal;
      else t[i] = zero ? 0 : (2 * rng.uniform() - 1) * ('uniform' in p.init ? p.init.uniform : 0);
    }
  }
  // From the picture on: what a layer gets depends on those before it.
  const layers = restarted.filter(({ name }) => /(down\d|\.a)\.w$/.test(name));
  for (const { name } of layers) {
    const layer = name.slice(0, -2);
    const w = unpack(layout, state.weights);
    const input = x();
    const activity = activities(w, structure, input).get(layer);
    tf.dispose([w, input]);
    if (!activity) throw new Error(`no activity of ${layer}`);
    const weights = view(name);
    const units = activity.mean.length;
    const scale = activity.deviation.map((d) => DEVIATION / Math.max(d, 1e-6));
    for (let i = 0; i < weights.length; i++) weights[i] *= scale[i % units];
    view(`${layer}.b`).set(activity.mean.map((mean, j) => -mean * scale[j]));
  }
  const after = meanLatent();
  view('analysis.head.b').set(before.map((mean, k) => mean - after[k]));
  for (const { name } of restarted) {
    view(name, state.ema).set(view(name));
    view(name, state.first).fill(0);
    view(name, state.second).fill(0);
  }
}
