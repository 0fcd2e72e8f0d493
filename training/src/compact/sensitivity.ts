import { interpolateRates } from '../../../src/entropy/quantizer.ts';
import { type DecoderModel, type EncoderModel, symbolsOf } from '../../../src/model/layers.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import { qualityOf } from '../data/rates.ts';
import type { Rng } from '../rng.ts';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../tf.ts';
import type { Matrix } from './matrices.ts';
import {
  bitsOf,
  latentOf,
  pictureOut,
  quantize,
  transform,
  type Visit,
  type WeightsOf,
} from './network.ts';
import { nearestVectors } from './vectors.ts';

/**
 * What errors in the outputs of a layer cost, in ln(rate) at equal quality. An error e[o][c] in its
 * weights costs about
 *
 *   sum over o of importance[o] * e[o] * moments * e[o]^T,
 *
 * once the biases have made up for it at the mean.
 */
export interface Sensitivity {
  /** [rows], of mean 1. */
  importance: Float64Array;
  /** [columns] of the inputs. */
  mean: Float64Array;
  /**
   * [columns][columns], of the inputs' deviations from their mean, in units of the sums, times what
   * outputs there cost.
   */
  moments: Float64Array;
}

export interface Probing {
  model: { decoder: DecoderModel; encoder: EncoderModel };
  images: ImageSet;
  batches: number;
  batch: number;
  crop: number;
  rng: Rng;
  /** Price of a distortion of one in bits a pixel, at each training rate. */
  lambdas: number[];
  /** What a distortion is made of: 1 - MS-SSIM and the squared error. */
  weights: { similarity: number; mse: number };
}

/** Inputs that cost less than this cost nothing. */
const LEAST = 1e-24;
/** Positions of a layer that a batch adds to its moments. */
const POSITIONS = 4096;
/** Share of MS-SSIM's exponents that belong to the scales which see an error of a few pixels. */
const FINE = 0.5;
/** SSIM's constant against division by zero, and the side of its window, about. */
const C2 = 0.03 ** 2;
const WINDOW = 11;
/** Bits are a likelihood's: half their gradient's square in nats is their curvature. */
const CURVATURE = Math.sqrt(Math.LN2 / 2);

/**
 * What an error of each element of a picture [n, h, w, 3] adds to the distortion, times its square:
 * 1 - SSIM grows by e^2 / (2 variance + C2) of its window.
 */
function pixelCosts(x: Tensor4D, { similarity, mse }: Probing['weights']): Tensor4D {
  const blur = (t: Tensor4D) => tf.avgPool(t, WINDOW, 1, 'same');
  const variance = tf.sub(blur(tf.square(x)), tf.square(blur(x)));
  const [, h, w, c] = x.shape;
  return tf.div(
    tf.add(tf.div(FINE * similarity, tf.add(tf.mul(tf.relu(variance), 2), C2)), mse),
    h * w * c,
  ) as Tensor4D;
}

/** What the decoder's gains make of an error in the latent: [channels]. */
function correctionsAt(model: DecoderModel, quality: number): Float32Array {
  const { decoderGains, latent, rates } = model;
  const symbols = symbolsOf(model);
  const li = interpolateRates(decoderGains, rates, symbols, quality);
  // Element i of symbol s is channel i * symbols + s.
  return Float32Array.from({ length: latent.channels }, (_, c) => 2 ** (li[c % symbols] / 256));
}

/** A latent's nearest centers; `rate`: bits as a function of what a context model's layers give. */
function quantized(
  model: DecoderModel,
  quality: number,
  latent: Tensor4D,
  of: WeightsOf,
): { values: Tensor4D; bits: number; rate?: (visit?: Visit) => Tensor } {
  if ('vectors' in model) return nearestVectors(model, quality, latent);
  const scalars = quantize(model, quality, latent);
  const rate = (visit?: Visit) => bitsOf(model, scalars, of, visit);
  return { values: scalars.values, bits: tf.sum(rate()).dataSync()[0], rate };
}

interface Sums {
  matrix: Matrix;
  importance: Float64Array;
  gram: Tensor2D;
}

function add(into: Float64Array, values: ArrayLike<number>, scale = 1): void {
  for (let i = 0; i < into.length; i++) into[i] += values[i] * scale;
}

/** Sums over what one function's gradient says of the matrices that it visits. */
class Collector {
  readonly #sums = new Map<string, Sums>();

  constructor(matrices: readonly Matrix[]) {
    for (const matrix of matrices) {
      this.#sums.set(matrix.name, {
        matrix,
        importance: new Float64Array(matrix.rows),
        gram: tf.keep(tf.zeros([matrix.columns + 1, matrix.columns + 1])) as Tensor2D,
      });
    }
  }

  /** Runs a function of the outputs of its matrices, and adds squares of its gradient. */
  probe(run: (visit: Visit) => Tensor, rng: Rng): void {
    tf.tidy(() => {
      const inputs = new Map<string, Tensor2D>();
      const shapes = new Map<string, number[]>();
      run((name, windows, outputs) => {
        if (this.#sums.has(name)) {
          shapes.set(name, outputs.shape);
          inputs.set(name, tf.keep(windows()));
        }
        return outputs;
      });
      const names = [...shapes.keys()];
      const gradient = tf.grads((...changes: Tensor[]) =>
        tf.sum(
          run((name, _windows, outputs) => {
            const i = names.indexOf(name);
            return i < 0 ? outputs : tf.add(outputs, changes[i]);
          }),
        ),
      );
      const gradients = gradient(names.map((name) => tf.zeros(shapes.get(name) as number[])));
      names.forEach((name, i) => {
        const sums = this.#sums.get(name) as Sums;
        const x = inputs.get(name) as Tensor2D;
        this.#add(sums, x, tf.reshape(gradients[i], [-1, sums.matrix.rows]) as Tensor2D, rng);
        x.dispose();
      });
    });
  }

  #add(sums: Sums, x: Tensor2D, gradient: Tensor2D, rng: Rng): void {
    const total = x.shape[0];
    const picked = Math.min(total, POSITIONS);
    const places = Int32Array.from({ length: picked }, (_, i) =>
      picked === total ? i : rng.below(total),
    );
    const index = tf.tensor1d(places, 'int32');
    const squares = tf.square(tf.gather(gradient, index));
    const scale = total / picked;
    const costs = tf.mul(tf.mean(squares, 1, true), scale);
    // A column of ones brings the mean and the total.
    const rows = tf.concat([tf.gather(x, index), tf.ones([picked, 1])], 1);
    const gram = tf.matMul(tf.mul(rows, costs), rows, true, false);
    const added = tf.keep(tf.add(sums.gram, gram)) as Tensor2D;
    sums.gram.dispose();
    sums.gram = added;
    add(sums.importance, tf.sum(squares, 0).dataSync(), scale);
  }

  /** @param probes How many were added. */
  finish(probes: number): Map<string, Sensitivity> {
    const all = new Map<string, Sensitivity>();
    for (const [name, { matrix, importance, gram }] of this.#sums) {
      const n = matrix.columns + 1;
      const sums = gram.dataSync();
      gram.dispose();
      const total = sums[n * n - 1];
      // Of a sum, in units of the outputs.
      const unit = 2 ** -matrix.shift;
      // Rectifiers may keep all of a layer from the output: then nothing that it does costs anything.
      const mean = Float64Array.from({ length: n - 1 }, (_, c) =>
        total > 0 ? sums[c * n + n - 1] / total : 0,
      );
      const moments = new Float64Array((n - 1) ** 2);
      for (let i = 0; i < n - 1; i++) {
        for (let j = 0; j < n - 1; j++) {
          const value = sums[i * n + j] - total * mean[i] * mean[j];
          moments[i * (n - 1) + j] = (value / probes) * unit ** 2;
        }
        moments[i * n] = Math.max(moments[i * n], LEAST);
      }
      const average = importance.reduce((a, b) => a + b, 0) / importance.length || 1;
      all.set(name, { importance: importance.map((s) => s / average), mean, moments });
    }
    return all;
  }
}

/**
 * Measures the sensitivity of both parts on random crops at all training rates.
 *
 * Distortion: products of the Jacobian with random signs on the picture, whose mean square is the
 * diagonal of the Gauss-Newton matrix (Hutchinson 1990). Rate: squares of the gradient of the bits,
 * which are a code length, so that their mean is Fisher's information. The encoder's part counts by
 * distortion alone, as if quantization passed errors on. Without a
 * context model there is no rate that the decoder's weights change.
 */
export function measureSensitivity(
  matrices: { decoder: readonly Matrix[]; encoder: readonly Matrix[] },
  of: WeightsOf,
  { model, images, batches, batch, crop, rng, lambdas, weights }: Probing,
): { decoder: Map<string, Sensitivity>; encoder: Map<string, Sensitivity> } {
  const { decoder, encoder } = model;
  const decoders = new Collector(matrices.decoder);
  const encoders = new Collector(matrices.encoder);
  for (let n = 0; n < batches; n++) {
    tf.tidy(() => {
      const index = n % lambdas.length;
      const quality = qualityOf(index, lambdas.length);
      const x = tf.tensor4d(drawBatch(images, batch, crop, rng), [batch, crop, crop, 3]);
      const latent = latentOf(encoder, x, of);
      const { values, bits, rate } = quantized(decoder, quality, latent, of);
      const price = lambdas[index] / (bits / crop ** 2);
      const seed = 1 + rng.below(2 ** 30);
      const signs = tf.sign(tf.randomUniform(x.shape, -1, 1, 'float32', seed));
      const noise = tf.mul(signs, tf.sqrt(tf.mul(pixelCosts(x, weights), price)));
      const distortion = (v: Tensor4D, visit: Visit) =>
        tf.mul(pictureOut(transform(decoder.synthesis, 'synthesis', v, of, visit)), noise);
      decoders.probe((visit) => distortion(values, visit), rng);
      if (rate) {
        decoders.probe((visit) => tf.mul(rate(visit), CURVATURE / Math.sqrt(bits)), rng);
      }
      const passed = tf.tensor1d(correctionsAt(decoder, quality));
      encoders.probe((visit) => {
        const change = tf.mul(tf.sub(latentOf(encoder, x, of, visit), latent), passed);
        return distortion(tf.add(values, change) as Tensor4D, visit);
      }, rng);
    });
  }
  return { decoder: decoders.finish(batches), encoder: encoders.finish(batches) };
}
