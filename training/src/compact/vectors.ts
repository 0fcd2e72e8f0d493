import { symbolsOf, type VectorModel } from '../../../src/model/layers.ts';
import { dequantizeVectors, vectorQuantizerAt } from '../../../src/vectors/quantizer.ts';
import { channelCodeLengths } from '../quantizer/histogram.ts';
import { nearestOf } from '../quantizer/vectors.ts';
import { type Tensor2D, type Tensor4D, tf } from '../tf.ts';

/**
 * The nearest vectors of a latent [n, h, w, d * symbols] in the integer model's units, and their
 * bits by the histograms of these symbols.
 */
export function nearestVectors(
  model: VectorModel,
  quality: number,
  y: Tensor4D,
): { values: Tensor4D; bits: number } {
  const quantizer = vectorQuantizerAt(model, quality);
  const { centers, dimension, gains, size } = quantizer;
  const count = symbolsOf(model);
  const positions = y.size / (dimension * count);
  // Element i of symbol s is channel i * count + s.
  const cells = tf.reshape(y, [positions, dimension, count]);
  const z = tf.mul(cells, tf.tensor1d(Float32Array.from(gains, (gain) => gain / 256)));
  const vectors = tf.reshape(tf.transpose(z, [0, 2, 1]), [
    positions * count,
    dimension,
  ]) as Tensor2D;
  const table = tf.tensor2d(Float32Array.from(centers), [size, dimension]);
  const symbols = nearestOf(vectors, table).dataSync() as Int32Array;
  const latent = new Int16Array(y.size);
  dequantizeVectors(quantizer, Uint16Array.from(symbols), latent);
  const lengths = channelCodeLengths(symbols, count, size);
  const bits = symbols.reduce((sum, k, i) => sum + lengths[(i % count) * size + k], 0);
  return { values: tf.tensor4d(Float32Array.from(latent), y.shape), bits };
}
