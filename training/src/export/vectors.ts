import type { VectorModel } from '../../../src/model/layers.ts';
import type { Config, Structure } from '../config.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import { depthToSpace, spaceToDepth } from '../model/layers.ts';
import { analysis } from '../model/networks.ts';
import type { Layout } from '../model/parameters.ts';
import { fromVectors, nearestOf, toVectors } from '../quantizer/vectors.ts';
import { Rng } from '../rng.ts';
import { type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import { unpack } from '../trainer.ts';
import { octaves, tensorsOf } from './float.ts';

/** Batches at whose symbols each rate's histograms begin. */
const BATCHES = 48;
/** What every outcome of a bit is counted from (Krichevsky and Trofimov 1981). */
const PRIOR = 0.5;
/** Symbols that the beginning of a histogram stands for. */
const CONFIDENCE = 40;
const LOGIT_MAX = 111;
/** The largest element of a center as an integer. */
const CENTER_MAX = 8191;

/** [L][d], from the shortest to the longest: a histogram's first bits then tell how much there is. */
export function sortedCenters(table: Float32Array, dimension: number): Float32Array {
  const norm = (k: number) => {
    let sum = 0;
    for (let i = 0; i < dimension; i++) sum += table[k * dimension + i] ** 2;
    return sum;
  };
  const order = Array.from({ length: table.length / dimension }, (_, k) => k);
  order.sort((a, b) => norm(a) - norm(b));
  return Float32Array.from(
    order.flatMap((k) => Array.from(table.subarray(k * dimension, (k + 1) * dimension))),
  );
}

/** The dequantized latent, as the codec lays it out, of one that the analysis list gives. */
export function quantizeVectorsAt(
  y: Tensor4D,
  s: Structure,
  centers: Float32Array,
  gains: Float32Array,
  corrections: Float32Array,
): Tensor4D {
  if (!s.vector) throw new Error('the structure has no vectors');
  const { vector } = s;
  const latent = depthToSpace(y, 2);
  const table = tf.tensor2d(centers, [s.centers, vector.height * vector.width]);
  const z = tf.mul(latent, tf.exp(tf.tensor1d(gains))) as Tensor4D;
  const values = tf.gather(table, nearestOf(toVectors(z, vector), table)) as Tensor2D;
  const back = tf.exp(tf.tensor1d(corrections.map((li, c) => li - gains[c])));
  return spaceToDepth(tf.mul(fromVectors(values, latent.shape, vector), back) as Tensor4D, 2);
}

/** ln of the odds of each bit that makes a symbol, in eighths, from counts [L]. */
function logits(counts: Float64Array, to: Int16Array): void {
  const sums = new Float64Array(counts.length + 1);
  counts.forEach((count, k) => {
    sums[k + 1] = sums[k] + count;
  });
  const halve = (low: number, high: number) => {
    if (high - low < 2) return;
    const middle = (low + high) >> 1;
    const odds = (sums[high] - sums[middle] + PRIOR) / (sums[middle] - sums[low] + PRIOR);
    const logit = Math.round(8 * Math.log(odds));
    to[middle - 1] = Math.max(-LOGIT_MAX, Math.min(LOGIT_MAX, logit));
    halve(low, middle);
    halve(middle, high);
  };
  halve(0, counts.length);
}

/** Counts the symbols of random crops of the training pictures, channel by channel, at every rate. */
function histograms(
  { structure: s, run }: Config,
  layout: Layout,
  flat: Float32Array,
  images: ImageSet,
  centers: Float32Array,
): Int16Array {
  const { channels: n, centers: size, rates, vector } = s;
  if (!vector) throw new Error('the structure has no vectors');
  const counts = Array.from({ length: rates * n }, () => new Float64Array(size));
  const weights = unpack(layout, flat);
  const table = tf.tensor2d(centers, [size, vector.height * vector.width]);
  const rng = new Rng(run.seed + 1);
  for (let batch = 0; batch < BATCHES; batch++) {
    tf.tidy(() => {
      const data = drawBatch(images, run.batch, run.crop, rng);
      const y = analysis(weights, s, tf.tensor4d(data, [run.batch, run.crop, run.crop, 3]));
      for (let rate = 0; rate < rates; rate++) {
        const z = tf.mul(y, tf.exp(tf.gather(weights['gains.encoder'], rate))) as Tensor4D;
        const symbols = nearestOf(toVectors(z, vector), table).dataSync() as Int32Array;
        // Channels are the fastest: quantizer/vectors.ts.
        for (let i = 0; i < symbols.length; i++) counts[rate * n + (i % n)][symbols[i]]++;
      }
    });
  }
  table.dispose();
  tf.dispose(weights);
  const out = new Int16Array(rates * n * (size - 1));
  counts.forEach((count, i) => {
    logits(count, out.subarray(i * (size - 1), (i + 1) * (size - 1)));
  });
  return out;
}

/**
 * Units of the latent and of the quantizer's scale in a model of vectors: 2^-10 or, where centers
 * reach so far, the finest in which they fit. One for both, so that gains stay what they are.
 */
export function vectorUnit(centers: Float32Array): number {
  const largest = centers.reduce((most, c) => Math.max(most, Math.abs(c)), 0);
  return 2 ** -Math.min(10, Math.floor(Math.log2(CENTER_MAX / largest)));
}

/** Codebook, in units as `vectorUnit` gives them, histograms and gains of a model of vectors. */
export function integerVectors(
  config: Config,
  layout: Layout,
  flat: Float32Array,
  images: ImageSet,
  centers: Float32Array,
  unit: number,
): Pick<VectorModel, 'vectors' | 'encoderGains' | 'decoderGains'> {
  const { structure: s } = config;
  const tensor = tensorsOf(layout, flat);
  return {
    vectors: {
      size: s.centers,
      dimension: centers.length / s.centers,
      centers: Int16Array.from(centers, (c) => Math.round(c / unit)),
      histogram: {
        logits: histograms(config, layout, flat, images, centers),
        confidence: CONFIDENCE,
      },
    },
    encoderGains: octaves(tensor('gains.encoder')),
    decoderGains: octaves(tensor('gains.decoder')),
  };
}
