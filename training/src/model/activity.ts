import { type Structure, strideOf } from '../config.ts';
import { type Tensor4D, tf } from '../tf.ts';
import { conv, relu, spaceToDepth, type Weights } from './layers.ts';
import { analysis } from './networks.ts';

/** Share of the positions that turn each unit of the analysis on, by the name of its convolution. */
export function activities(w: Weights, s: Structure, x: Tensor4D): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  tf.tidy(() => {
    analysis(w, s, x, (before, name) => {
      const on = tf.mean(tf.cast(tf.greater(before, 0), 'float32'), [0, 1, 2]);
      found.set(name, on.dataSync() as Float32Array);
      return relu(before);
    });
  });
  return found;
}

/** Share of the analysis' units that no position turns on. */
export function deadUnits(w: Weights, s: Structure, x: Tensor4D): number {
  let [dead, all] = [0, 0];
  for (const on of activities(w, s, x).values()) {
    all += on.length;
    dead += on.filter((share) => share === 0).length;
  }
  return all > 0 ? dead / all : 0;
}

/**
 * How much the analysis adds to its linear shortcut: the deviation of what it adds over that of the
 * shortcut, mean over the latents. Near zero the analysis is a linear transform.
 */
export function addedToShortcut(w: Weights, s: Structure, x: Tensor4D): number {
  return tf.tidy(() => {
    const shortcut = conv(w, 'analysis.shortcut', spaceToDepth(x, strideOf(s)));
    const deviation = (t: Tensor4D) => tf.sqrt(tf.moments(t, [0, 1, 2]).variance);
    const added = deviation(tf.sub(analysis(w, s, x), shortcut) as Tensor4D);
    return tf.mean(tf.div(added, tf.add(deviation(shortcut), 1e-6))).dataSync()[0];
  });
}
