import type { Config } from '../config.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import { scaledLatent } from '../model/codec.ts';
import type { Layout } from '../model/parameters.ts';
import { Rng } from '../rng.ts';
import { type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import { unpack } from '../trainer.ts';
import { assign } from './ecvq.ts';
import { nearestOf, toVectors } from './vectors.ts';

/** Side of the flat pictures, whose middle is beyond the padding's reach. */
const SIDE = 64;
/** Crops of photographs at each rate that tell which centers they use. */
const CROPS = 8;
/** Share of the centers that may move, and the squared distance an element that is near enough. */
const MOST = 1 / 16;
const NEAR = 1 / 4;

/**
 * Moves centers of vectors that photographs use least to where flat pictures in the corners of the RGB
 * cube need them: their latents may lie beyond all centers that photographs have taught. Scalars need
 * nothing. Changes `weights`.
 *
 * @returns How many centers moved.
 */
export function coverCorners(
  { structure: s, run }: Config,
  layout: Layout,
  weights: Float32Array,
  images: ImageSet,
): number {
  const table = layout.byName.get('centers.table');
  const { vector } = s;
  if (!table || !vector) return 0;
  const dimension = vector.height * vector.width;
  const w = unpack(layout, weights);
  const vectorsOf = (data: Float32Array, side: number) => {
    const n = data.length / (3 * side * side);
    return Array.from({ length: s.rates }, (_, rate) => {
      const x = tf.tensor4d(data, [n, side, side, 3]);
      return toVectors(scaledLatent(w, s, x, new Int32Array(n).fill(rate)) as Tensor4D, vector);
    });
  };
  const { needed, members } = tf.tidy(() => {
    const centers = w['centers.table'] as Tensor2D;
    const photos = drawBatch(images, CROPS, run.crop, new Rng(run.seed));
    const members = new Int32Array(s.centers);
    for (const vectors of vectorsOf(photos, run.crop)) {
      for (const k of nearestOf(vectors, centers).dataSync()) members[k]++;
    }
    const corners = tf.concat(vectorsOf(flatCorners(), SIDE)) as Tensor2D;
    return { needed: corners.dataSync() as Float32Array, members };
  });
  tf.dispose(w);

  const centers = weights.subarray(table.offset, table.offset + table.size);
  const spare = Array.from(members.keys()).sort((a, b) => members[a] - members[b] || a - b);
  const free = new Float32Array(s.centers);
  const { distances } = assign(needed, dimension, centers, free);
  let moved = 0;
  while (moved < MOST * s.centers) {
    const worst = distances.reduce((best, d, i) => (d > distances[best] ? i : best), 0);
    if (distances[worst] <= NEAR * dimension) break;
    const at = needed.subarray(worst * dimension, (worst + 1) * dimension);
    centers.set(at, spare[moved++] * dimension);
    assign(needed, dimension, at, free.subarray(0, 1)).distances.forEach((d, i) => {
      if (d < distances[i]) distances[i] = d;
    });
  }
  return moved;
}

/** Flat pictures of all corners of the RGB cube: [8, SIDE, SIDE, 3]. */
function flatCorners(): Float32Array {
  const size = 3 * SIDE * SIDE;
  return Float32Array.from({ length: 8 * size }, (_, i) => {
    const corner = Math.floor(i / size);
    return ((corner >> (i % 3)) & 1) - 0.5;
  });
}
