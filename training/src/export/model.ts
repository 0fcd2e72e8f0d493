import { buildDecoderModel, buildEncoderModel } from '../../../src/model/build.ts';
import type { DecoderModel, EncoderModel } from '../../../src/model/layers.ts';
import { decoderTensors, encoderTensors } from '../../../src/model/serialize.ts';
import { parseTensors, serializeTensors } from '../../../src/model/tensors.ts';
import type { Config, Structure } from '../config.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import { centersOf } from '../model/centers.ts';
import type { Layout } from '../model/parameters.ts';
import { dimensionOf } from '../quantizer/quantizer.ts';
import { assign } from '../quantizer/scalar.ts';
import { Rng } from '../rng.ts';
import { type Tensor4D, tf } from '../tf.ts';
import { calibrate, type Ranges } from './calibrate.ts';
import { type ContextRanges, calibrateContext, integerContext } from './context.ts';
import { floatTransforms, octaves, tensorsOf } from './float.ts';
import { fitGains } from './gauge.ts';
import { type Grid, integerTransform } from './integers.ts';
import { integerVectors, quantizeVectorsAt, sortedCenters, vectorUnit } from './vectors.ts';

/** RGB as 2 * value - 255 for a real value of RGB / 255 - 0.5. */
const PICTURE: Grid = { unit: 1 / 510, max: 255 };
/** Largest magnitude of the latent, before and after quantization, in its units. */
const LATENT_MAX = 32767;
/** Grey levels in units of 2^-6 for a real value of RGB / 255 - 0.5. */
const PIXELS: Grid = { unit: 1 / (255 * 64), max: 32767 };

const BATCHES = 24;

export interface ExportedModel {
  decoder: DecoderModel;
  encoder: EncoderModel;
  decoderFile: Uint8Array;
  encoderFile: Uint8Array;
  /** Largest magnitude of the latent in calibration; the codec saturates at `latentBound`. */
  largestLatent: number;
  latentBound: number;
}

/** The dequantized latent of y [n, h, w, C] at one rate, by hard assignment. */
function quantizeAt(
  y: Tensor4D,
  centers: Float32Array,
  gains: Float32Array,
  corrections: Float32Array,
): Tensor4D {
  const z = tf.mul(y, tf.exp(tf.tensor1d(gains)));
  const { nearest } = assign(z.dataSync() as Float32Array, centers, Number.POSITIVE_INFINITY);
  const values = tf.tensor4d(
    Float32Array.from(nearest, (k) => centers[k]),
    y.shape,
  );
  return tf.mul(values, tf.exp(tf.tensor1d(corrections.map((li, c) => li - gains[c])))) as Tensor4D;
}

/** Largest activations of all networks on random crops of the training pictures, at all rates. */
function calibrateAll(config: Config, layout: Layout, flat: Float32Array, images: ImageSet) {
  const { structure: s, run } = config;
  const { analysis, synthesis } = floatTransforms(layout, s, flat);
  const tensor = tensorsOf(layout, flat);
  const centers = s.vector
    ? sortedCenters(tensor('centers.table'), dimensionOf(s))
    : tf.tidy(() => centersOf(tf.tensor1d(tensor('centers.spacing'))).dataSync() as Float32Array);
  const ranges: Ranges = new Map();
  const contextRanges: ContextRanges = { taps: 0, hidden: 0 };
  let largestLatent = 0;
  const rng = new Rng(run.seed);
  for (let batch = 0; batch < BATCHES; batch++) {
    tf.tidy(() => {
      const data = drawBatch(images, run.batch, run.crop, rng);
      const x = tf.tensor4d(data, [run.batch, run.crop, run.crop, 3]);
      const y = calibrate(analysis, x, ranges);
      largestLatent = Math.max(largestLatent, tf.max(tf.abs(y)).dataSync()[0]);
      const q = batch % s.rates;
      const row = (name: string) => tensor(name).slice(q * s.channels, (q + 1) * s.channels);
      const [gains, corrections] = [row('gains.encoder'), row('gains.decoder')];
      const v = s.vector
        ? quantizeVectorsAt(y, s, centers, gains, corrections)
        : quantizeAt(y, centers, gains, corrections);
      calibrate(synthesis, v, ranges);
      if (!s.vector) calibrateContext(layout, s, flat, v, contextRanges);
    });
  }
  return { analysis, synthesis, ranges, contextRanges, centers, largestLatent };
}

/**
 * The integer model of trained weights.
 *
 * @throws ShvqError BAD_MODEL where it breaks a promise of docs/format.md; nothing is written then.
 */
export function exportModel(
  config: Config,
  layout: Layout,
  trained: Float32Array,
  images: ImageSet,
): ExportedModel {
  const flat = fitGains(layout, trained);
  const s: Structure = config.structure;
  const calibrated = calibrateAll(config, layout, flat, images);
  const { analysis, synthesis, ranges, contextRanges, centers, largestLatent } = calibrated;
  const tensor = tensorsOf(layout, flat);
  // Vectors are patches: with all their elements the latent lies at 1/16, too.
  const latent = { channels: s.channels * dimensionOf(s), stride: 16, max: LATENT_MAX };
  const grid: Grid = { unit: s.vector ? vectorUnit(centers) : 2 ** -10, max: LATENT_MAX };
  const coding = s.vector
    ? integerVectors(config, layout, flat, images, centers, grid.unit)
    : {
        centers: Int32Array.from(centers, (c) => Math.round(c * 1024)),
        encoderGains: octaves(tensor('gains.encoder')),
        decoderGains: octaves(tensor('gains.decoder')),
        context: integerContext(layout, s, flat, contextRanges, grid),
      };
  const decoderFile = serializeTensors(
    decoderTensors({
      profile: config.profile,
      latent,
      rates: s.rates,
      ...coding,
      synthesis: integerTransform(synthesis, ranges, grid, PIXELS),
    }),
  );
  const decoder = buildDecoderModel(parseTensors(decoderFile));
  const encoderFile = serializeTensors(
    encoderTensors({
      profile: config.profile,
      decoderId: decoder.id,
      latent,
      analysis: integerTransform(analysis, ranges, PICTURE, grid),
    }),
  );
  return {
    decoder,
    encoder: buildEncoderModel(parseTensors(encoderFile)),
    decoderFile,
    encoderFile,
    largestLatent,
    latentBound: grid.unit * grid.max,
  };
}
