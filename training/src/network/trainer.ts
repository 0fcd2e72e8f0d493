import type { Weights } from '../model/layers.ts';
import { type OptimizerState, step as optimizerStep } from '../optim/optimizer.ts';
import { cosine } from '../optim/schedule.ts';
import type { QuantizerOptions } from '../quantizer/quantizer.ts';
import type { Rng } from '../rng.ts';
import { type Scalar, type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.ts';
import type { Batch, Classifier, LabelledSet } from './classifier.ts';
import type { CompressConfig } from './config.ts';
import { type NetworkPlan, ratesOf } from './plan.ts';
import type { PriceControl } from './price.ts';
import { hardBits, keepCenters, quantizeNetwork } from './quantized.ts';

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
  /** Cross entropy against the targets, in nats, less the targets' own. */
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

/** Probabilities to aim at, [n, classes]: the float network's, mixed with the labels. */
function targetsOf({ classifier, teacher, config }: Subject, { x, labels }: Batch): Tensor2D {
  const probabilities = tf.softmax(classifier.forward(teacher, x)) as Tensor2D;
  const classes = probabilities.shape[1];
  const exact = tf.oneHot(tf.tensor1d(labels, 'int32'), classes, 1, 0, 'float32');
  const { distill } = config;
  return tf.add(tf.mul(probabilities, distill), tf.mul(exact, 1 - distill));
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
  const result = { divergence: 0, accuracy: 0 };
  let softBits = 0;
  tf.tidy(() => {
    const batch = data.draw(config.batch, rng);
    const targets = targetsOf(subject, batch);
    const own = tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.log(tf.add(targets, 1e-12))), 1)));
    const weights = unpackNetwork(plan, state.weights);
    const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
      const trained = { ...weights };
      slots.forEach(({ name }, i) => {
        trained[name] = tensors[i];
      });
      const quantized = quantizeNetwork(plan, trained, options);
      const logits = classifier.forward(quantized.tensors, batch.x);
      const entropy = tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));
      const best = (tf.argMax(logits, 1) as Tensor1D).dataSync();
      result.accuracy = batch.labels.filter((l, i) => l === best[i]).length / best.length;
      softBits = quantized.bits.dataSync()[0];
      const bits = tf.mul(quantized.bits, price.price / plan.coded);
      return tf.add(entropy, bits) as Scalar;
    })(slots.map(({ name }) => weights[name]));
    slots.forEach(({ offset }, i) => {
      gradient.set(grads[i].dataSync() as Float32Array, offset);
    });
    const priced = (price.price * softBits) / plan.coded;
    result.divergence = value.dataSync()[0] - priced - own.dataSync()[0];
  });
  const gradientNorm = optimizerStep(plan, state, gradient, {
    learningRate: schedule.learningRate,
    clip: config.clip,
    emaDecay: NO_AVERAGE,
    rate,
  });
  keepCenters(plan, state.weights);
  const bits = hardBits(plan, state.weights);
  if (phase === 'anneal') price.follow(bits);
  return { schedule, gradientNorm, bits, ...result };
}
