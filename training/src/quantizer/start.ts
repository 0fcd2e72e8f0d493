import type { Config } from '../config.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import { analysis } from '../model/networks.ts';
import type { Layout } from '../model/parameters.ts';
import type { Rng } from '../rng.ts';
import { type Tensor4D, tf } from '../tf.ts';
import { unpack } from '../trainer.ts';
import { entropyConstrainedCenters } from './ecvq.ts';
import { toVectors } from './vectors.ts';

/** Crops whose latents centers are chosen for, and vectors of each. */
const CROPS = 60;
const VECTORS = 400;

/**
 * Starts the centers of vectors, [L, d] in the flat weights, for the scaled latent of training
 * pictures at all rates: entropy-constrained. Scalars need nothing.
 */
export function startCenters(
  { structure: s, run }: Config,
  layout: Layout,
  weights: Float32Array,
  images: ImageSet,
  rng: Rng,
): void {
  const table = layout.byName.get('centers.table');
  if (!table || !s.vector) return;
  const { vector } = s;
  const dimension = vector.height * vector.width;
  const chosen = new Float32Array(CROPS * VECTORS * dimension);
  const w = unpack(layout, weights);
  for (let from = 0; from < CROPS; from++) {
    const vectors = tf.tidy(() => {
      const data = drawBatch(images, 1, run.crop, rng);
      const y = analysis(w, s, tf.tensor4d(data, [1, run.crop, run.crop, 3]));
      const gain = tf.exp(tf.gather(w['gains.encoder'], from % s.rates));
      return toVectors(tf.mul(y, gain) as Tensor4D, vector);
    });
    const values = vectors.dataSync();
    const count = vectors.shape[0];
    vectors.dispose();
    for (let i = 0; i < VECTORS; i++) {
      const at = rng.below(count) * dimension;
      chosen.set(values.subarray(at, at + dimension), (from * VECTORS + i) * dimension);
    }
  }
  tf.dispose(w);
  weights.set(entropyConstrainedCenters(chosen, dimension, s.centers, rng), table.offset);
}
