import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Run } from '../src/config.ts';
import { layoutOf } from '../src/model/parameters.ts';
import { freshState, type OptimizerState } from '../src/optim/optimizer.ts';
import { followGap } from '../src/quantizer/anneal.ts';
import { entropyConstrainedCenters } from '../src/quantizer/ecvq.ts';
import { channelCodeLengths, codeLengths } from '../src/quantizer/histogram.ts';
import {
  type Codebook,
  type QuantizerOptions,
  quantizeLatent,
} from '../src/quantizer/quantizer.ts';
import { startCenters } from '../src/quantizer/start.ts';
import { fromVectors, nearestOf, softAssignment, toVectors } from '../src/quantizer/vectors.ts';
import { Rng } from '../src/rng.ts';
import { readCheckpoint, writeCheckpoint } from '../src/state/checkpoint.ts';
import {
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tf,
} from '../src/tf.ts';
import { trainStep } from '../src/trainer.ts';
import { startedTestProfile, syntheticImages } from './fixtures.ts';

await tf.setBackend('cpu');

const rng = new Rng(12);
const normals = (n: number, deviation: number) =>
  Float32Array.from({ length: n }, () => rng.normal() * deviation);
const values = (t: Tensor) => Array.from(t.dataSync());

describe('patches', () => {
  const z = tf.tensor4d(
    Float32Array.from({ length: 2 * 4 * 6 * 3 }, (_, i) => i),
    [2, 4, 6, 3],
  );

  it('are rows of one channel, and go back where they came from', () => {
    const patch = { height: 2, width: 2 };
    const vectors = toVectors(z, patch);
    expect(vectors.shape).toEqual([36, 4]);
    const at = (y: number, x: number, c: number) => (y * 6 + x) * 3 + c;
    expect(values(vectors).slice(4, 8)).toEqual([
      at(0, 0, 1),
      at(0, 1, 1),
      at(1, 0, 1),
      at(1, 1, 1),
    ]);
    expect(values(fromVectors(vectors, z.shape, patch))).toEqual(values(z));
  });

  it.each([
    [1, 1],
    [1, 3],
    [4, 2],
  ])('of %ix%i go back', (height, width) => {
    const patch = { height, width };
    expect(values(fromVectors(toVectors(z, patch), z.shape, patch))).toEqual(values(z));
  });

  it('that do not fill the latent are refused', () => {
    expect(() => toVectors(z, { height: 3, width: 1 })).toThrow(RangeError);
  });
});

describe('soft assignment', () => {
  const x = tf.tensor2d(normals(5 * 4, 1), [5, 4]);
  const centers = tf.tensor2d(normals(7 * 4, 1), [7, 4]);
  const distance = (i: number, j: number) => {
    const [a, c] = [x.arraySync()[i], centers.arraySync()[j]];
    return a.reduce((sum, v, k) => sum + (v - c[k]) ** 2, 0);
  };

  it('is the softmax of distances', () => {
    const phi = softAssignment(x, centers, 0.7).arraySync();
    phi.forEach((row, i) => {
      const e = row.map((_, j) => Math.exp(-0.7 * distance(i, j)));
      const sum = e.reduce((a, b) => a + b, 0);
      row.forEach((p, j) => {
        expect(p).toBeCloseTo(e[j] / sum, 5);
      });
    });
  });

  it('becomes the hard one as sigma grows', () => {
    const soft = values(softAssignment(x, centers, 1e4));
    const hard = values(softAssignment(x, centers, Number.POSITIVE_INFINITY));
    hard.forEach((p, i) => {
      expect(soft[i]).toBeCloseTo(p, 4);
    });
    expect(hard.reduce((a, b) => a + b, 0)).toBe(5);
  });
});

describe('code lengths', () => {
  it('are those of the histogram, and finite for what nobody chose', () => {
    const price = codeLengths(Int32Array.of(0, 0, 0, 2), 3);
    expect(price[0]).toBeCloseTo(-Math.log2(3.5 / 5.5), 6);
    expect(price[1]).toBeCloseTo(-Math.log2(0.5 / 5.5), 6);
  });

  it('of channels begin at the histogram of all', () => {
    const symbols = Int32Array.of(0, 1, 0, 1, 0, 2);
    const common = codeLengths(symbols, 3);
    const price = channelCodeLengths(symbols, 2, 3);
    expect(price[0]).toBeCloseTo(-Math.log2((3 + 64 * 2 ** -common[0]) / 67), 5);
    expect(price[3 + 1]).toBeCloseTo(-Math.log2((2 + 64 * 2 ** -common[1]) / 67), 5);
    // Each is a distribution.
    for (const at of [0, 3]) {
      const sum = price.subarray(at, at + 3).reduce((total, bits) => total + 2 ** -bits, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
  });
});

describe('vectors', () => {
  const shape: [number, number, number, number] = [2, 2, 4, 2];
  const patch = { height: 2, width: 2 };
  const z = tf.tensor4d(normals(32, 1), shape);
  const centers = tf.tensor2d(normals(6 * 4, 1), [6, 4]);
  const weights = tf.tensor4d(normals(32, 1), shape);
  const run = (a: Tensor, c: Tensor, options: QuantizerOptions) => {
    const codebook: Codebook = { kind: 'vectors', centers: c as Tensor2D, patch };
    return quantizeLatent(a as Tensor4D, codebook, options);
  };
  const soft: QuantizerOptions = { sigma: 1.3, forward: 'soft' };
  const hard: QuantizerOptions = { sigma: 1.3, forward: 'hard' };
  const weightedValue = (options: QuantizerOptions) => (a: Tensor, c: Tensor) =>
    tf.sum(tf.mul(run(a, c, options).value, weights)) as Scalar;
  const weightedBits = (a: Tensor, c: Tensor) =>
    tf.sum(tf.mul(run(a, c, soft).bits(), tf.tensor1d([0.3, 1.2]))) as Scalar;

  it.each([
    ['value', weightedValue(soft)],
    ['rate', weightedBits],
  ] as const)('the gradient of the %s matches differences', (_, f) => {
    const inputs = [z, centers] as Tensor[];
    const gradients = tf.grads(f as (...x: Tensor[]) => Scalar)(inputs);
    inputs.forEach((input, which) => {
      const got = gradients[which].dataSync();
      for (let e = 0; e < input.size; e++) {
        const h = 2e-3;
        const at = (delta: number) => {
          const data = input.dataSync().slice();
          data[e] += delta;
          const moved = inputs.slice();
          moved[which] = tf.tensor(data, input.shape);
          return f(moved[0], moved[1]).dataSync()[0];
        };
        const expected = (at(h) - at(-h)) / (2 * h);
        expect(Math.abs(got[e] - expected)).toBeLessThan(0.01 + 0.01 * Math.abs(expected));
      }
    });
  });

  it('forward hard is the nearest center, with the gradient of the soft value', () => {
    const vectors = toVectors(run(z, centers, hard).value, patch).arraySync();
    const table = centers.arraySync();
    const nearest = values(tf.argMax(softAssignment(toVectors(z, patch), centers, 1), 1));
    expect(vectors).toEqual(nearest.map((k) => table[k]));
    const gradients = (options: QuantizerOptions) =>
      tf
        .grads(weightedValue(options) as (...x: Tensor[]) => Scalar)([z, centers])
        .map(values);
    expect(gradients(hard)).toEqual(gradients(soft));
  });

  it('the hard assignment passes gradients straight through, and costs its code length', () => {
    const options: QuantizerOptions = { sigma: Number.POSITIVE_INFINITY, forward: 'hard' };
    const [dz] = tf.grads(weightedValue(options) as (...x: Tensor[]) => Scalar)([z, centers]);
    expect(values(dz)).toEqual(values(weights));
    const symbols = Int32Array.from(
      values(tf.argMax(softAssignment(toVectors(z, patch), centers, 1), 1)),
    );
    const price = channelCodeLengths(symbols, 2, 6);
    const expected = symbols.slice(0, 4).reduce((sum, k, i) => sum + price[(i % 2) * 6 + k], 0);
    expect(run(z, centers, options).bits().dataSync()[0]).toBeCloseTo(expected, 3);
  });

  it('of one element are scalars', () => {
    const line = tf.tensor1d([-2, -0.9, 0, 1.1, 2.3]);
    const scalar = quantizeLatent(z, { kind: 'scalars', centers: line }, { ...soft, sigma: 6 });
    const one = { height: 1, width: 1 };
    const table = tf.reshape(line, [5, 1]) as Tensor2D;
    const codebook: Codebook = { kind: 'vectors', centers: table, patch: one };
    const vector = quantizeLatent(z, codebook, { ...soft, sigma: 6 });
    const expected = values(scalar.value);
    values(vector.value).forEach((v, i) => {
      expect(v).toBeCloseTo(expected[i], 2);
    });
  });

  it('take no noise and no logistic distribution', () => {
    expect(() => run(z, centers, { sigma: 1, forward: 'noise', rng })).toThrow(RangeError);
    const { value, bits } = run(z, centers, soft);
    expect(() => bits({ mean: value, logScale: value })).toThrow(RangeError);
  });
});

describe('noise', () => {
  const centers = tf.tensor1d(Float32Array.from({ length: 41 }, (_, i) => i - 20)) as Tensor1D;
  const z = tf.tensor4d(normals(4000, 3), [1, 1, 1000, 4]);
  const noisy = (a: Tensor) =>
    quantizeLatent(
      a as Tensor4D,
      { kind: 'scalars', centers },
      { sigma: 1, forward: 'noise', rng: new Rng(4) },
    );

  it('is uniform over the cell, and gradients pass', () => {
    const noise = values(tf.sub(noisy(z).value, z));
    expect(Math.max(...noise.map(Math.abs))).toBeLessThanOrEqual(0.5001);
    const square = noise.reduce((sum, v) => sum + v * v, 0) / noise.length;
    expect(square).toBeGreaterThan(0.95 / 12);
    expect(square).toBeLessThan(1.05 / 12);
    const gradient = tf.grad((a) => tf.sum(noisy(a).value))(z);
    expect(values(gradient).every((g) => g === 1)).toBe(true);
  });

  it('costs the mass of an interval around the noisy value', () => {
    const { value, bits } = noisy(z);
    const mean = tf.mul(z, 0.5) as Tensor4D;
    const scale = 0.8;
    const logScale = tf.fill(z.shape, Math.log(scale)) as Tensor4D;
    const cdf = (x: number) => 1 / (1 + Math.exp(-x / scale));
    const [v, m] = [values(value), values(mean)];
    const expected = v.reduce(
      (sum, x, i) => sum - Math.log2(cdf(x - m[i] + 0.5) - cdf(x - m[i] - 0.5) + 1e-6),
      0,
    );
    const got = bits({ mean, logScale }).dataSync()[0];
    expect(got / expected).toBeCloseTo(1, 4);
  });
});

describe('gap control', () => {
  const control = { gain: 10, halving: 100, every: 1 };

  it('keeps sigma while the gap falls as planned, and raises it where it does not', () => {
    const start = followGap({ sigma: 2, firstGap: null }, 0.4, 0, control);
    expect(start).toEqual({ sigma: 2, firstGap: 0.4 });
    expect(followGap(start, 0.2, 100, control).sigma).toBeCloseTo(2, 10);
    expect(followGap(start, 0.3, 100, control).sigma).toBeCloseTo(3, 10);
    expect(followGap(start, 0.15, 100, control).sigma).toBeCloseTo(1.5, 10);
  });

  it('raises sigma, too, where the hard loss stays below the soft one', () => {
    const start = followGap({ sigma: 2, firstGap: null }, -0.4, 0, control);
    expect(followGap(start, -0.3, 100, control).sigma).toBeCloseTo(3, 10);
  });
});

describe('centers of entropy-constrained vector quantization', () => {
  it('are one where vectors are dense, and reach those that are rare', () => {
    const rng = new Rng(5);
    const count = 4000;
    // Nine tenths lie in a cloud narrower than a center is worth, the others on two far spots.
    const vectors = Float32Array.from({ length: 2 * count }, (_, i) => {
      const spot = i >> 1;
      const middle = spot % 20 === 0 ? 6 : spot % 20 === 1 ? -6 : 0;
      return middle + 0.05 * rng.normal();
    });
    const centers = entropyConstrainedCenters(vectors, 2, 8, rng);
    const table = tf.tensor2d(centers, [8, 2]);
    const chosen = nearestOf(tf.tensor2d(vectors, [count, 2]), table).dataSync() as Int32Array;
    const errors = Array.from(vectors, (v, i) => (v - centers[2 * chosen[i >> 1] + (i & 1)]) ** 2);
    expect(Math.max(...errors)).toBeLessThan(0.25);
    // 0.57 bits are the entropy of the three spots.
    const lengths = codeLengths(chosen, 8);
    const bits = chosen.reduce((sum, k) => sum + lengths[k], 0) / count;
    expect(bits).toBeLessThan(1);
  });
});

describe('a step of the trainer', () => {
  const images = syntheticImages();

  it('on vectors follows the gap, moves the centers, and goes on from a checkpoint', () => {
    const { config } = startedTestProfile();
    const gap = { gain: 50, halving: 2, every: 2 };
    const structure = { ...config.structure, vector: { height: 2, width: 2 }, centers: 32 };
    const run: Run = { ...config.run, batch: 1, crop: 32, totalSteps: 8, refitShare: 0.25, gap };
    const vectors = { ...config, structure, run: { ...run, forward: 'soft' as const } };
    const layout = layoutOf(structure);
    const draw = new Rng(8);
    const started = new Float32Array(layout.size).map(() => 0.1 * draw.normal());
    startCenters(vectors, layout, started, images, draw);
    const runTo = (state: OptimizerState, words: Rng, from: number, to: number) => {
      for (let step = from; step < to; step++) {
        const { loss } = trainStep(vectors, layout, state, step, images, words);
        expect(Number.isFinite(loss)).toBe(true);
      }
    };
    const whole = { state: freshState(started.slice(), 1), rng: new Rng(1) };
    runTo(whole.state, whole.rng, 0, 8);
    expect(whole.state.annealing.firstGap).not.toBeNull();
    expect(whole.state.annealing.sigma).not.toBe(1);
    const table = layout.byName.get('centers.table');
    if (!table) throw new Error('no centers');
    expect(whole.state.weights[table.offset]).not.toBe(started[table.offset]);

    const part = { state: freshState(started.slice(), 1), rng: new Rng(1) };
    runTo(part.state, part.rng, 0, 3);
    const path = join(mkdtempSync(join(tmpdir(), 'shvq-vectors-')), 'checkpoint.bin');
    writeCheckpoint(path, { step: 3, rng: part.rng.state, state: part.state });
    const read = readCheckpoint(path, layout.size);
    runTo(read.state, new Rng(read.rng), read.step, 8);
    expect(read.state).toEqual(whole.state);
  });

  // Loss and gradient norm as they were before scalars and vectors shared an interface.
  it.each([
    [{ batch: 2, crop: 32 }, 0.28977552, 1.103946],
    [{ batch: 1, crop: 176, mseShare: 0 }, 0.78666681, 1.769343],
  ])('on scalars with %o is what it was', (change, loss, norm) => {
    const { config, layout, weights } = startedTestProfile();
    const noise = new Rng(21);
    for (let i = 0; i < weights.length; i++) weights[i] += 0.02 * noise.normal();
    const run = { ...config.run, warmupSteps: 5, totalSteps: 100, ...change };
    const state = freshState(weights);
    const result = trainStep({ ...config, run }, layout, state, 40, images, new Rng(2));
    expect(Math.abs(result.loss - loss)).toBeLessThan(1e-6);
    expect(Math.abs(result.gradientNorm - norm)).toBeLessThan(1e-5);
  });
});
