import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/format/limits.ts';
import { readWeights } from '../../src/weights/decode/file.ts';
import { compressWeights, fromRecord, readStoredWeights, writeWeights } from '../../src/weights.ts';
import type { Slot } from '../src/model/parameters.ts';
import type { Batch, Classifier, LabelledSet } from '../src/network/classifier.ts';
import { type CompressConfig, loadCompressConfig } from '../src/network/config.ts';
import { type CodedPart, type NetworkPlan, planNetwork } from '../src/network/plan.ts';
import { PriceControl } from '../src/network/price.ts';
import { assignmentsOf, contentOf, hardBits, quantizeNetwork } from '../src/network/quantized.ts';
import { type CompressResult, recordResult } from '../src/network/results.ts';
import { tensorsOf } from '../src/network/score.ts';
import { startOf } from '../src/network/start.ts';
import {
  compressSchedule,
  compressStep,
  type Subject,
  unpackNetwork,
} from '../src/network/trainer.ts';
import { freshState, type OptimizerState } from '../src/optim/optimizer.ts';
import { assign } from '../src/quantizer/scalar.ts';
import { Rng } from '../src/rng.ts';
import { readCheckpoint, writeCheckpoint } from '../src/state/checkpoint.ts';
import { type Scalar, type Tensor, type Tensor2D, tf } from '../src/tf.ts';

await tf.setBackend('cpu');

const INPUTS = 12;
const HIDDEN = 48;
const CLASSES = 6;
const FLOAT_BYTES = 4 * (INPUTS * HIDDEN + HIDDEN + HIDDEN * CLASSES + CLASSES);

/** A layer of 48 units between 12 inputs and 6 classes. */
const tiny: Classifier = {
  forward(tensors, x) {
    const inner = tf.relu(
      tf.add(tf.matMul(x as Tensor2D, tensors.first as Tensor2D), tensors.shift),
    );
    const product = tf.matMul(inner, tensors.last as Tensor2D);
    return { logits: tf.add(product, tensors.bias) as Tensor2D, features: [inner] };
  },
  frozen: (name) => name === 'bias',
};

const random = new Rng(3);
const normals = (n: number, deviation: number) =>
  Float32Array.from({ length: n }, () => random.normal() * deviation);

const float = fromRecord({
  first: { shape: [INPUTS, HIDDEN], data: normals(INPUTS * HIDDEN, 0.5) },
  shift: { shape: [HIDDEN], data: normals(HIDDEN, 0.3) },
  last: { shape: [HIDDEN, CLASSES], data: normals(HIDDEN * CLASSES, 0.5) },
  bias: { shape: [CLASSES], data: normals(CLASSES, 0.1) },
});
const teacher = tensorsOf(float);
const floats = new Map(float.map(({ name, data }) => [name, data as Float32Array]));

/** Normal inputs, labelled by the float network. */
const data: LabelledSet = {
  draw(count, rng): Batch {
    const x = tf.tensor2d(
      Float32Array.from({ length: count * INPUTS }, () => rng.normal()),
      [count, INPUTS],
    );
    const labels = tf.argMax(tiny.forward(teacher, x).logits, 1).dataSync() as Int32Array;
    return { x, labels };
  },
};

const config: CompressConfig = {
  name: 'tiny',
  network: 'resnet32',
  ratio: 14,
  seed: 1,
  startPictures: 0,
  steps: 60,
  batch: 64,
  learningRate: 0.05,
  warmupSteps: 5,
  refitShare: 0.25,
  refitLearningRate: 0.01,
  sigmaStart: 1,
  sigmaEnd: 40,
  temperature: 2,
  features: 1,
  price: 0.5,
  clip: 10,
  measureEvery: 10,
  testEvery: 10,
  testPictures: 0,
};

const { content } = await compressWeights(float, { ratio: 10, wasm: 'reference' });
const plan = planNetwork(content, tiny);
const subject: Subject = { config, classifier: tiny, plan, teacher, data };
const coded = plan.parts.filter((p): p is CodedPart => p.kind === 'coded');

function run(state: OptimizerState, rng: Rng, from: number, to: number, price: PriceControl) {
  const results = [];
  for (let step = from; step < to; step++) {
    results.push(compressStep(subject, state, price, step, rng));
    if (step % config.measureEvery === 0) {
      const { length } = writeWeights(contentOf(plan, state.weights));
      price.measured(length, results[results.length - 1].bits);
    }
  }
  return results;
}

const fresh = () => ({
  state: freshState(startOf(plan, floats)),
  rng: new Rng(config.seed),
  price: new PriceControl(FLOAT_BYTES / config.ratio, config.price),
});

/** Distance of each weight from its center, and of the center from the next. */
function fits(network: NetworkPlan, flat: Float32Array): number {
  let most = 0;
  for (const part of network.parts) {
    if (part.kind !== 'coded') continue;
    const at = ({ offset, size }: Slot) => flat.slice(offset, offset + size);
    const weights = at(part.weights);
    const centers = at(part.centers);
    const { nearest } = assign(weights, centers, Number.POSITIVE_INFINITY);
    nearest.forEach((k, i) => {
      most = Math.max(most, Math.abs(weights[i] - centers[k]));
    });
  }
  return most;
}

describe('a plan', () => {
  it('codes matrices with their centers, trains shifts and leaves frozen tensors', () => {
    expect(plan.parts.map(({ kind, tensor }) => [tensor.name, kind])).toEqual([
      ['first', 'coded'],
      ['shift', 'rounded'],
      ['last', 'coded'],
      ['bias', 'fixed'],
    ]);
    expect(plan.coded).toBe(INPUTS * HIDDEN + HIDDEN * CLASSES);
    for (const { points, zero } of coded) expect(points[zero]).toBe(0);
  });

  it('starts at what the compressed network is, to the byte', () => {
    const start = startOf(plan, floats);
    expect(writeWeights(contentOf(plan, start))).toEqual(writeWeights(content));
  });
});

describe('the start', () => {
  it('moves weights from their centers to where the float network has them', () => {
    const start = startOf(plan, floats);
    const atCenters = startOf(plan, new Map());
    for (const { weights, tensor, spacing } of coded) {
      const at = (flat: Float32Array) =>
        flat.subarray(weights.offset, weights.offset + weights.size);
      const centers = at(atCenters);
      const moved = at(start).map((w, i) => w - centers[i]);
      const missing = floats.get(tensor.name)!.map((w, i) => w / spacing - centers[i]);
      const towards = moved.filter((m, i) => m * missing[i] > 0);
      expect(towards.length).toBeGreaterThan(0.8 * weights.size);
    }
  });

  it('leaves a network that nothing is known of at its centers', () => {
    expect(fits(plan, startOf(plan, new Map()))).toBeLessThan(1e-5);
  });
});

/** Weights off their centers, where the assignment has a slope. */
function shifted(): Float32Array {
  const flat = startOf(plan, floats);
  for (const { weights } of coded) {
    for (let i = 0; i < weights.size; i++) flat[weights.offset + i] += 0.2;
  }
  return flat;
}

describe('the loss', () => {
  const gradients = (sigma: number) => {
    const flat = shifted();
    const trained = unpackNetwork(plan, flat);
    const names = plan.parameters.map(({ name }) => name);
    const x = tf.tensor2d(normals(32 * INPUTS, 1), [32, INPUTS]);
    const { grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
      const w = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
      const { tensors: quantized } = quantizeNetwork(plan, w, { sigma, forward: 'hard' });
      return tf.mean(tf.square(tiny.forward(quantized, x).logits)) as Scalar;
    })(names.map((name) => trained[name]));
    return new Map(names.map((name, i) => [name, grads[i].dataSync()]));
  };

  it('has gradients in weights, centers and shifts while the assignment is soft', () => {
    for (const [name, gradient] of gradients(2)) {
      expect(gradient.filter((g) => g !== 0).length, name).toBeGreaterThan(1);
    }
  });

  it('reaches the centers that were chosen when it is hard', () => {
    const found = gradients(Number.POSITIVE_INFINITY);
    for (const { centers, weights } of coded) {
      const of = ({ offset, size }: Slot) => shifted().subarray(offset, offset + size);
      const { nearest } = assign(of(weights), of(centers), Number.POSITIVE_INFINITY);
      const gradient = found.get(centers.name)!;
      new Set(nearest).forEach((k) => {
        expect(gradient[k], `${centers.name} ${k}`).not.toBe(0);
      });
    }
  });

  it('has bits whose gradient is the difference quotient', () => {
    const flat = shifted();
    const bitsOf = (values: Float32Array) =>
      quantizeNetwork(plan, unpackNetwork(plan, values), { sigma: 2, forward: 'hard' }).bits;
    const { name, offset } = coded[0].weights;
    const grad = tf.grad((w) => {
      const trained = { ...unpackNetwork(plan, flat), [name]: w };
      return quantizeNetwork(plan, trained, { sigma: 2, forward: 'hard' }).bits;
    })(unpackNetwork(plan, flat)[name]);
    const slopes = grad.dataSync();
    for (const i of [0, 7, 50]) {
      const at = (by: number) => {
        const moved = flat.slice();
        moved[offset + i] += by;
        return bitsOf(moved).dataSync()[0];
      };
      const quotient = (at(0.01) - at(-0.01)) / 0.02;
      expect(Math.abs(slopes[i] - quotient)).toBeLessThan(0.05 * Math.abs(quotient) + 0.02);
    }
  });
});

describe('a run', () => {
  const { state, rng, price } = fresh();
  const before = hardBits(plan, state.weights);
  const results = run(state, rng, 0, config.steps, price);
  const file = writeWeights(contentOf(plan, state.weights));

  it('makes the weights cheaper while the network stays what it is', () => {
    expect(hardBits(plan, state.weights)).toBeLessThan(before);
    const mean = (part: typeof results) => part.reduce((s, r) => s + r.accuracy, 0) / part.length;
    expect(mean(results.slice(-15))).toBeGreaterThan(0.75);
  });

  it('ends hard: soft weights of the last annealed step are nearly those of the file', () => {
    const { sigma } = compressSchedule(config, 44);
    expect(compressSchedule(config, 45)).toMatchObject({ phase: 'refit', sigma: Infinity });
    const trained = unpackNetwork(plan, state.weights);
    const soft = quantizeNetwork(plan, trained, { sigma, forward: 'soft' }).tensors;
    const hard = quantizeNetwork(plan, trained, { sigma: Infinity, forward: 'hard' }).tensors;
    const first = { sigma: config.sigmaStart, forward: 'soft' } as const;
    const early = quantizeNetwork(plan, trained, first).tensors;
    const distance = (a: Tensor, b: Tensor) => tf.mean(tf.abs(tf.sub(a, b))).dataSync()[0];
    for (const { tensor } of coded) {
      const { name } = tensor;
      expect(distance(soft[name], hard[name])).toBeLessThan(
        0.25 * distance(early[name], hard[name]),
      );
    }
  });

  it('keeps assignments in its last phase, and trains centers', () => {
    const again = fresh();
    run(again.state, again.rng, 0, 45, again.price);
    const annealed = again.state.weights.slice();
    run(again.state, again.rng, 45, 60, again.price);
    expect(fits(plan, again.state.weights)).toBe(0);
    expect(assignmentsOf(plan, again.state.weights)).toEqual(assignmentsOf(plan, annealed));
    for (const { centers } of coded) {
      const part = (flat: Float32Array) =>
        flat.subarray(centers.offset, centers.offset + centers.size);
      expect(part(again.state.weights)).not.toEqual(part(annealed));
    }
  });

  it('writes a file that decodes to the network evaluated', () => {
    const decoded = tensorsOf(readWeights(file, DEFAULT_LIMITS).tensors);
    const options = { sigma: Infinity, forward: 'hard' } as const;
    const hard = quantizeNetwork(plan, unpackNetwork(plan, state.weights), options).tensors;
    for (const part of plan.parts) {
      const { name } = part.tensor;
      const most = tf.max(tf.abs(tf.sub(decoded[name], hard[name]))).dataSync()[0];
      // Half a unit of the centers, or of what is rounded.
      const step = part.kind === 'fixed' ? 0 : part.step;
      expect(most, name).toBeLessThanOrEqual(0.51 * step);
    }
    const again = planNetwork(readStoredWeights(file), tiny);
    expect(writeWeights(contentOf(again, startOf(again, floats)))).toEqual(file);
  });

  it('goes on from a checkpoint as if it had not stopped', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'shvq-')), 'checkpoint.bin');
    const a = fresh();
    run(a.state, a.rng, 0, 20, a.price);
    writeCheckpoint(path, { step: 20, rng: a.rng.state, state: a.state, control: a.price.save() });
    const read = readCheckpoint(path, plan.size);
    const price = fresh().price;
    price.load(read.control!);
    run(a.state, a.rng, 20, 30, a.price);
    run(read.state, new Rng(read.rng), 20, 30, price);
    expect(read.state.weights).toEqual(a.state.weights);
    expect(price.price).toBe(a.price.price);
  });
});

describe('the price', () => {
  it('rises while the file is too large and settles where it is right', () => {
    const control = new PriceControl(1000, 0.1);
    control.measured(2000, 16000);
    // Bits go slowly to where the price wants them; at a price of 5 that is 8000.
    let bits = 16000;
    for (let i = 0; i < 1500; i++) {
      bits += 0.05 * (12000 - 2500 * Math.log(control.price) - bits);
      control.follow(bits);
    }
    expect(bits).toBeCloseTo(8000, -2);
    control.measured(1100, 8000);
    expect(control.estimate(8000)).toBe(1100);
  });
});

describe('the configuration', () => {
  const write = (entries: Partial<CompressConfig>) => {
    const path = join(mkdtempSync(join(tmpdir(), 'shvq-')), 'config.json');
    writeFileSync(path, JSON.stringify({ ...config, ...entries }));
    return path;
  };

  it('takes changes from the command line', () => {
    const changes = { name: undefined, seed: '7', ratio: '20', steps: undefined };
    expect(loadCompressConfig(write({}), changes)).toMatchObject({ seed: 7, ratio: 20, steps: 60 });
  });

  it.each([
    [{ ratio: 0.5 }, /ratio/],
    [{ steps: 0 }, /steps/],
    [{ refitShare: 1 }, /refitShare/],
    [{ sigmaEnd: 0.5 }, /sigma/],
  ] as const)('refuses %j', (entries, reason) => {
    expect(() => loadCompressConfig(write(entries))).toThrow(reason);
  });
});

describe('the results', () => {
  it('keep one row a run, by ratio, and say how far each came', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'shvq-')), 'results.json');
    const row = (name: string, ratio: number, step: number): CompressResult => ({
      name,
      seed: 1,
      step,
      steps: 1000,
      epochs: 1,
      bytes: 75_000,
      ratio,
      accuracy: 92,
      startAccuracy: 90,
      test: 10_000,
      hours: 1,
      cpu: 'a processor',
      date: '2026-01-01T00:00:00.000Z',
    });
    for (const [name, ratio, step] of [
      ['a', 25, 10],
      ['b', 20, 1000],
      ['a', 25, 500],
    ] as const) {
      recordResult(path, row(name, ratio, step));
    }
    const rows = JSON.parse(readFileSync(path, 'utf8')) as CompressResult[];
    expect(rows.map(({ name, step }) => [name, step])).toEqual([
      ['b', 1000],
      ['a', 500],
    ]);
    const table = readFileSync(path.replace('.json', '.md'), 'utf8');
    expect(table).toContain('| a | 75,000 | 25.00 | 92.00 | 90.00 | 500 of 1,000 |');
  });
});
