import type { Weights } from '../model/layers.ts';
import { type OptimizerState, step as optimizerStep } from '../optim/optimizer.ts';
import { cosine } from '../optim/schedule.ts';
import type { QuantizerOptions } from '../quantizer/quantizer.ts';
import type { Rng } from '../rng.ts';
import { type Scalar, type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.ts';
import type { Classifier, LabelledSet } from './classifier.ts';
import type { CompressConfig } from './config.ts';
import { type NetworkPlan, ratesOf } from './plan.ts';
import type { PriceControl } from './price.ts';
import {
  assignmentsOf,
  hardBits,
  keepCenters,
  putOnCenters,
  quantizeNetwork,
} from './quantized.ts';

/** Share of the learning rate that is left at the end. */
const FINAL_SHARE = 0.01;
/** No average of the weights is kept: that of two assignments is none. */
const NO_AVERAGE = 0;

export interface CompressSchedule {
  /** In `refit` assignments stand still, and centers and small tensors are trained. */
  phase: 'anneal' | 'refit';
  learningRate: number;
  sigma: number;
}

/** Everything that changes over a run, as a function of the step alone (0-based). */
export function compressSchedule(config: CompressConfig, step: number): CompressSchedule {
  const start = refitFrom(config);
  if (step >= start) {
    const t = (step - start) / Math.max(1, config.steps - start);
    const learningRate = config.refitLearningRate * cosine(t, FINAL_SHARE);
    return { phase: 'refit', learningRate, sigma: Number.POSITIVE_INFINITY };
  }
  const t = step / start;
  const warmup = Math.min(1, (step + 1) / config.warmupSteps);
  return {
    phase: 'anneal',
    learningRate: config.learningRate * warmup * cosine(t, FINAL_SHARE),
    sigma: config.sigmaStart * (config.sigmaEnd / config.sigmaStart) ** t,
  };
}

function refitFrom({ steps, refitShare }: CompressConfig): number {
  return Math.round(steps * (1 - refitShare));
}

/** What does not change in a run. */
export interface Subject {
  config: CompressConfig;
  classifier: Classifier;
  plan: NetworkPlan;
  /** The float network's tensors; its probabilities are what the quantized one is to give. */
  teacher: Weights;
  data: LabelledSet;
}

export interface CompressStep {
  schedule: CompressSchedule;
  /** Relative squared error of the blocks' outputs, on average over the blocks. */
  error: number;
  /** From the float network's probabilities, squared temperature times nats. */
  divergence: number;
  /** Entropy of all coded weights after the step, by their histograms. */
  bits: number;
  /** Share of the batch whose largest logit is the label's. */
  accuracy: number;
  gradientNorm: number;
}

/** The trained tensors of a flat vector, by the names of their slots. */
export function unpackNetwork(plan: NetworkPlan, flat: Float32Array): Weights {
  const weights: Weights = {};
  for (const { name, shape, offset, size } of plan.parameters) {
    weights[name] = tf.tensor(flat.slice(offset, offset + size), shape, 'float32');
  }
  return weights;
}

/**
 * Distillation (Hinton, Vinyals and Dean 2015, section 2): squared temperature times the divergence of
 * the quantized network's probabilities from the float network's at that temperature, nats a picture.
 * On pictures that it was trained on the float network is sure of itself, and its probabilities tell
 * little more than labels do; at a higher temperature all its logits are to be met.
 */
function divergence(teacher: Tensor2D, logits: Tensor2D, temperature: number): Scalar {
  const log = tf.logSoftmax(tf.div(teacher, temperature));
  const own = tf.logSoftmax(tf.div(logits, temperature));
  const nats = tf.sum(tf.mul(tf.exp(log), tf.sub(log, own)), 1);
  return tf.mul(tf.mean(nats), temperature ** 2) as Scalar;
}

/**
 * Squared error of what the blocks give over the power of what the float network's give, on average
 * over the blocks: hints (Romero et al. 2015, FitNets, section 2.2) at every depth. A picture then says
 * of each layer where it goes wrong, not of the whole network alone.
 */
function featureError(teacher: readonly Tensor[], features: readonly Tensor[]): Scalar {
  const errors = features.map((feature, i) =>
    tf.div(tf.mean(tf.squaredDifference(feature, teacher[i])), tf.mean(tf.square(teacher[i]))),
  );
  return tf.mean(tf.stack(errors)) as Scalar;
}

/** Takes step number `step` of a run; changes `state`, `price` and `rng`. */
export function compressStep(
  subject: Subject,
  state: OptimizerState,
  price: PriceControl,
  step: number,
  rng: Rng,
): CompressStep {
  const { config, classifier, plan, data } = subject;
  const schedule = compressSchedule(config, step);
  const { phase, sigma } = schedule;
  if (step === refitFrom(config)) {
    state.first.fill(0);
    state.second.fill(0);
    state.moments = 0;
  }
  const rates = ratesOf(plan, phase);
  const rate = (name: string) => rates.get(name)!;
  const slots = plan.parameters.filter(({ name }) => rate(name) > 0);
  const options: QuantizerOptions = { sigma, forward: 'hard' };
  const gradient = new Float32Array(plan.size);
  const result = { divergence: 0, error: 0, accuracy: 0 };
  tf.tidy(() => {
    const batch = data.draw(config.batch, rng);
    const wanted = classifier.forward(subject.teacher, batch.x);
    const weights = unpackNetwork(plan, state.weights);
    const { grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
      const trained = { ...weights };
      slots.forEach(({ name }, i) => {
        trained[name] = tensors[i];
      });
      const quantized = quantizeNetwork(plan, trained, options);
      const { logits, features } = classifier.forward(quantized.tensors, batch.x);
      const nats = divergence(wanted.logits, logits, config.temperature);
      const error = featureError(wanted.features, features);
      const best = (tf.argMax(logits, 1) as Tensor1D).dataSync();
      result.accuracy = batch.labels.filter((l, i) => l === best[i]).length / best.length;
      result.divergence = nats.dataSync()[0];
      result.error = error.dataSync()[0];
      const bits = tf.mul(quantized.bits, price.price / plan.coded);
      return tf.addN([nats, tf.mul(error, config.features), bits]) as Scalar;
    })(slots.map(({ name }) => weights[name]));
    slots.forEach(({ offset }, i) => {
      gradient.set(grads[i].dataSync() as Float32Array, offset);
    });
  });
  const held = phase === 'refit' ? assignmentsOf(plan, state.weights) : undefined;
  const gradientNorm = optimizerStep(plan, state, gradient, {
    learningRate: schedule.learningRate,
    clip: config.clip,
    emaDecay: NO_AVERAGE,
    rate,
  });
  keepCenters(plan, state.weights);
  if (held) putOnCenters(plan, state.weights, held);
  const bits = hardBits(plan, state.weights);
  if (phase === 'anneal') price.follow(bits);
  return { schedule, gradientNorm, bits, ...result };
}
