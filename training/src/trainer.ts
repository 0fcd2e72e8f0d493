import { type Config, type Run, strideOf } from './config.ts';
import { drawBatch, type ImageSet } from './data/images.ts';
import { drawRate } from './data/rates.ts';
import { batchLoss, lambdasOf } from './loss/batch.ts';
import type { Rates } from './model/codec.ts';
import type { Weights } from './model/layers.ts';
import { capGains } from './model/overload.ts';
import type { Layout } from './model/parameters.ts';
import { type OptimizerState, step as optimizerStep } from './optim/optimizer.ts';
import { refitStart, type Schedule, scheduleAt } from './optim/schedule.ts';
import { followGap } from './quantizer/anneal.ts';
import { coverCorners } from './quantizer/cover.ts';
import type { QuantizerOptions } from './quantizer/quantizer.ts';
import { drawSearched, type SearchedCrop } from './refit/searched.ts';
import type { Rng } from './rng.ts';
import { type Tensor, type Tensor4D, tf } from './tf.ts';

/** What one step measured, per sample of its batch. */
export interface StepResult {
  schedule: Schedule;
  loss: number;
  gradientNorm: number;
  rates: Rates;
  bpp: Float32Array;
  distortion: Float32Array;
}

/** In the last phase only what the decoder owns is trained. */
export function isFrozen(phase: Schedule['phase'], name: string): boolean {
  if (phase !== 'refit') return false;
  return name.startsWith('analysis.') || name === 'gains.encoder' || name.startsWith('centers.');
}

/** Factor on the learning rate of a parameter; 0: it stands still. */
function rateOf({ analysisRate = 1, fixed }: Run, phase: Schedule['phase'], name: string): number {
  if (isFrozen(phase, name) || fixed?.includes(name)) return 0;
  return /^analysis\.(?!shortcut)/.test(name) ? analysisRate : 1;
}

/** The tensors of a flat vector, by name. */
export function unpack(layout: Layout, flat: Float32Array): Weights {
  const weights: Weights = {};
  for (const p of layout.parameters) {
    weights[p.name] = tf.tensor(flat.slice(p.offset, p.offset + p.size), p.shape, 'float32');
  }
  return weights;
}

/** The averaged weights as they are where the last phase begins, which re-fits the decoder to them. */
export function refitWeights({ structure }: Config, layout: Layout, ema: Float32Array) {
  const weights = ema.slice();
  const averaged = unpack(layout, ema);
  const gains = layout.byName.get('gains.encoder');
  if (gains) weights.set(capGains(averaged, structure), gains.offset);
  tf.dispose(averaged);
  return weights;
}

/** Symbols in the latent's shape. */
function latentOf({ structure, run }: Config, symbols: Int32Array): Tensor4D {
  const side = run.crop / strideOf(structure);
  return tf.tensor4d(symbols, [run.batch, side, side, structure.channels], 'int32');
}

/** Pictures, their rates, and symbols where they have been searched for. */
function draw(
  { structure, run }: Config,
  images: ImageSet,
  searched: readonly SearchedCrop[] | undefined,
  rng: Rng,
): { data: Float32Array; rates: Rates; symbols?: Int32Array } {
  if (searched) return drawSearched(searched, run.batch, rng);
  const data = drawBatch(images, run.batch, run.crop, rng, run.painted);
  const drawn = Array.from({ length: run.batch }, () => drawRate(run, structure.rates, rng));
  return { data, rates: Float32Array.from(drawn) };
}

/**
 * Draws a batch and takes step number `step` of the run; changes `state` and `rng`.
 *
 * @param searched What the last phase draws from in place of pictures alone.
 */
export function trainStep(
  config: Config,
  layout: Layout,
  state: OptimizerState,
  step: number,
  images: ImageSet,
  rng: Rng,
  searched?: readonly SearchedCrop[],
): StepResult {
  const { run } = config;
  let schedule = scheduleAt(run, step);
  if (step === refitStart(run)) {
    // What ships is the average, so the decoder is re-fitted to the averaged encoder.
    state.ema.set(refitWeights(config, layout, state.ema));
    coverCorners(config, layout, state.ema, images);
    state.weights.set(state.ema);
    state.first.fill(0);
    state.second.fill(0);
    state.moments = 0;
    // A long average would hardly move in so few steps.
    state.averaged = 0;
  }
  const { phase } = schedule;
  const batch = draw(config, images, phase === 'refit' ? searched : undefined, rng);
  const { data, rates } = batch;
  const lambda = lambdasOf(config, schedule.distortion, rates);
  const rate = (name: string) => rateOf(run, phase, name);
  const trained = layout.parameters.filter((p) => rate(p.name) > 0);

  const gradient = new Float32Array(layout.size);
  let loss = Number.NaN;
  let bpp = new Float32Array();
  let distortion = new Float32Array();
  // tidy would walk over every element of an array that it returned.
  tf.tidy(() => {
    const weights = unpack(layout, state.weights);
    const x = tf.tensor4d(data, [run.batch, run.crop, run.crop, 3]);
    const symbols = batch.symbols && latentOf(config, batch.symbols);
    const lossAt = (w: Weights, options: QuantizerOptions) =>
      batchLoss(config, w, { x, rates, lambda, symbols }, schedule.distortion, options);
    if (run.gap && phase !== 'refit') {
      if (step % run.gap.every === 0) {
        const { sigma } = state.annealing;
        const of = (options: QuantizerOptions) => lossAt(weights, options).total.dataSync()[0];
        const gap =
          of({ sigma: Number.POSITIVE_INFINITY, forward: 'hard' }) - of({ sigma, forward: 'soft' });
        state.annealing = followGap(state.annealing, gap, step, run.gap);
      }
      schedule = { ...schedule, sigma: state.annealing.sigma };
    }
    const forward = phase === 'refit' ? 'hard' : (run.forward ?? 'hard');
    const options = { sigma: schedule.sigma, forward, rng };
    const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
      const w = { ...weights };
      trained.forEach((p, i) => {
        w[p.name] = tensors[i];
      });
      const measured = lossAt(w, options);
      bpp = measured.bpp.dataSync() as typeof bpp;
      distortion = measured.distortion.dataSync() as typeof distortion;
      return measured.total;
    })(trained.map((p) => weights[p.name]));
    trained.forEach((p, i) => {
      gradient.set(grads[i].dataSync() as Float32Array, p.offset);
    });
    loss = value.dataSync()[0];
  });
  const gradientNorm = optimizerStep(layout, state, gradient, {
    learningRate: schedule.learningRate,
    clip: schedule.clip,
    emaDecay: run.emaDecay,
    rate,
  });
  return { schedule, gradientNorm, rates, loss, bpp, distortion };
}
