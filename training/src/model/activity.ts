import type { Structure } from '../config.ts';
import { type Tensor4D, tf } from '../tf.ts';
import { relu, type Weights } from './layers.ts';
import { analysis } from './networks.ts';

/** What the units of a layer get over all positions, before they are rectified. */
export interface Activity {
  mean: Float32Array;
  deviation: Float32Array;
  /** Share of the positions that turn the unit on. */
  on: Float32Array;
}

/** Activity of the analysis' rectified layers, by the name of their convolution. */
export function activities(w: Weights, s: Structure, x: Tensor4D): Map<string, Activity> {
  const found = new Map<string, Activity>();
  tf.tidy(() => {
    analysis(w, s, x, (before, name) => {
      const { mean, variance } = tf.moments(before, [0, 1, 2]);
      const on = tf.mean(tf.cast(tf.greater(before, 0), 'float32'), [0, 1, 2]);
      found.set(name, {
        mean: mean.dataSync() as Float32Array,
        deviation: tf.sqrt(variance).dataSync() as Float32Array,
        on: on.dataSync() as Float32Array,
      });
      return relu(before);
    });
  });
  return found;
}

/** Share of the analysis' units that no position turns on. */
export function deadUnits(w: Weights, s: Structure, x: Tensor4D): number {
  let [dead, all] = [0, 0];
  for (const { on } of activities(w, s, x).values()) {
    all += on.length;
    dead += on.filter((share) => share === 0).length;
  }
  return all > 0 ? dead / all : 0;
}
