import { expect, it } from 'vitest';
import { createDecoder } from '../../src/decode.ts';
import { createEncoder } from '../../src/encode.ts';
import { GAIN_EXPONENT_MAX, GAIN_EXPONENT_MIN } from '../../src/format/constants.ts';
import { octaves, tensorsOf } from '../src/export/float.ts';
import { fitGains } from '../src/export/gauge.ts';
import { exportModel } from '../src/export/model.ts';
import { compareWithFloat } from '../src/export/report.ts';
import { codec } from '../src/model/codec.ts';
import { freshState } from '../src/optim/optimizer.ts';
import { startCenters } from '../src/quantizer/start.ts';
import { Rng } from '../src/rng.ts';
import { type Tensor4D, tf } from '../src/tf.ts';
import { trainStep, unpack } from '../src/trainer.ts';
import { startedTestProfile, syntheticImages } from './fixtures.ts';

await tf.setBackend('cpu');

it.each(['test', 'paper-test'])(
  'trains a few steps of %s, exports, encodes and decodes a picture',
  async (profile) => {
    const images = syntheticImages();
    const { config, layout, weights } = startedTestProfile(profile);
    startCenters(config, layout, weights, images, new Rng(4));
    const run = { ...config.run, batch: 2, crop: 32, warmupSteps: 2, totalSteps: 10 };
    const tiny = { ...config, run };
    const state = freshState(weights);
    const rng = new Rng(3);
    for (let step = 0; step < run.totalSteps; step++) {
      trainStep(tiny, layout, state, step, images, rng);
      await new Promise((next) => setImmediate(next));
    }
    const model = exportModel(tiny, layout, state.ema, images);
    expect(model.largestLatent).toBeLessThan(model.latentBound);

    const { width, height, data } = images.pictures[0];
    const encoder = createEncoder({ wasm: 'reference', model });
    const decoder = createDecoder({ wasm: 'reference', model: model.decoderFile });
    const file = await encoder.encode({ width, height, data }, { quality: 80 });
    const decoded = await decoder.decode(file);
    let error = 0;
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) error += (decoded.data[4 * i + c] - data[3 * i + c]) ** 2;
    }
    expect(10 * Math.log10((255 ** 2 * data.length) / error)).toBeGreaterThan(20);
    expect(file.length).toBeLessThan(data.length / 20);

    const seen = [images.pictures[1]];
    for (const loss of await compareWithFloat(tiny, layout, state.ema, model, seen, images)) {
      expect(loss.integerBpp / loss.floatBpp).toBeLessThan(1.02);
      expect(loss.integerPsnr).toBeGreaterThan(loss.floatPsnr - 0.05);
    }
  },
);

it('exports a channel that training has turned off at a rate', () => {
  const { config, layout, weights } = startedTestProfile();
  const gains = layout.byName.get('gains.encoder')!;
  weights[gains.offset + 3] = -5 * Math.LN2;
  const { decoder } = exportModel(config, layout, weights, syntheticImages());
  if ('vectors' in decoder) throw new Error('vectors');
  expect(decoder.encoderGains[3]).toBe(GAIN_EXPONENT_MIN);
});

it.each(['test', 'paper-test'])(
  'fits the gains of %s into their range, and changes nothing',
  (profile) => {
    const { config, layout, weights } = startedTestProfile(profile);
    startCenters(config, layout, weights, syntheticImages(), new Rng(4));
    const { offset, size } = layout.byName.get('gains.decoder')!;
    // Small latents, as training may make them.
    for (let i = offset; i < offset + size; i++) weights[i] -= 5 * Math.LN2;
    const fitted = fitGains(layout, weights);
    const [encoder, decoder] = ['gains.encoder', 'gains.decoder'].map((name) =>
      octaves(tensorsOf(layout, fitted)(name)),
    );
    expect(Math.max(...encoder.map((e, i) => e - decoder[i]))).toBeLessThanOrEqual(
      GAIN_EXPONENT_MAX,
    );

    const x = tf.randomUniform([1, 64, 64, 3], -0.5, 0.5, 'float32', 3) as Tensor4D;
    const options = { sigma: Number.POSITIVE_INFINITY, forward: 'hard' } as const;
    const [before, after] = [weights, fitted].map((flat) => {
      const rates = Int32Array.of(config.structure.rates - 1);
      const { picture, bits } = codec(unpack(layout, flat), config.structure, x, rates, options);
      return { pixels: picture.dataSync(), bits: bits.dataSync()[0] };
    });
    expect(after.bits / before.bits).toBeCloseTo(1, 5);
    before.pixels.forEach((v, i) => {
      expect(after.pixels[i]).toBeCloseTo(v, 4);
    });
  },
);
