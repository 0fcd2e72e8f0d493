import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { orthogonalize } from '../src/optim/muon.ts';
import { freshState, step } from '../src/optim/optimizer.ts';
import { refitStart, scheduleAt } from '../src/optim/schedule.ts';
import { Rng } from '../src/rng.ts';
import { type Tensor3D, tf } from '../src/tf.ts';
import { isFrozen } from '../src/trainer.ts';
import { startedTestProfile } from './fixtures.ts';

await tf.setBackend('cpu');

const normals = (shape: [number, number, number], seed: number): Tensor3D => {
  const rng = new Rng(seed);
  const size = shape[0] * shape[1] * shape[2];
  return tf.tensor3d(
    Float32Array.from({ length: size }, () => rng.normal()),
    shape,
  );
};

describe('Muon', () => {
  it.each([
    [3, 24, 8],
    [2, 8, 24],
    [1, 12, 20],
  ] as [number, number, number][])('%i matrices %ix%i become nearly orthogonal', (b, r, c) => {
    const x = normals([b, r, c], r);
    const [o] = orthogonalize([x]);
    const tall = r > c;
    // Five iterations bring the singular values into about 0.7 to 1.2, not to 1.
    const gram = tf.matMul(o, o, tall, !tall).arraySync() as number[][][];
    for (const g of gram) {
      for (const value of new EigenvalueDecomposition(new Matrix(g)).realEigenvalues) {
        expect(Math.sqrt(value)).toBeGreaterThan(0.6);
        expect(Math.sqrt(value)).toBeLessThan(1.25);
      }
    }
    // The direction stays: the product with the input is the sum of singular values.
    const inner = tf.sum(tf.mul(x, o), [1, 2]).arraySync() as number[];
    const length = tf.sqrt(tf.sum(tf.square(x), [1, 2])).arraySync() as number[];
    inner.forEach((v, i) => {
      expect(v).toBeGreaterThan(length[i]);
    });
  });

  it('agrees with the iteration on the matrix itself', () => {
    let x = normals([1, 10, 6], 2);
    const [expected] = orthogonalize([x]);
    x = tf.div(x, tf.norm(x)) as Tensor3D;
    for (let i = 0; i < 5; i++) {
      const g = tf.matMul(x, x, false, true);
      const p = tf.add(tf.mul(g, -4.775), tf.mul(tf.matMul(g, g), 2.0315));
      x = tf.add(tf.mul(x, 3.4445), tf.matMul(p, x)) as Tensor3D;
    }
    expect(tf.max(tf.abs(tf.sub(x, expected))).dataSync()[0]).toBeLessThan(1e-4);
  });

  it('leaves a matrix of zeros at zero', () => {
    const [o] = orthogonalize([tf.zeros([2, 4, 3])]);
    expect(tf.max(tf.abs(o)).dataSync()[0]).toBe(0);
  });
});

describe('schedule', () => {
  const { config } = startedTestProfile();
  const run = { ...config.run, totalSteps: 1000, mseShare: 0.3, refitShare: 0.1, warmupSteps: 20 };

  it('warms up, stays, falls', () => {
    const rate = (s: number) => scheduleAt(run, s).learningRate;
    expect(rate(0)).toBeCloseTo(run.learningRate / 20, 10);
    expect(rate(100)).toBe(run.learningRate);
    expect(rate(269)).toBe(run.learningRate);
    expect(rate(600)).toBeLessThan(rate(400));
    expect(rate(899) / run.learningRate).toBeCloseTo(run.finalShare, 3);
  });

  it('raises sigma by a constant factor', () => {
    const sigma = (s: number) => scheduleAt(run, s).sigma;
    expect(sigma(0)).toBe(run.sigmaStart);
    expect(sigma(450)).toBeCloseTo(Math.sqrt(run.sigmaStart * run.sigmaEnd), 9);
    expect(sigma(899)).toBeCloseTo(run.sigmaEnd, 1);
  });

  it('goes from MSE to the mixed loss to the hard index', () => {
    expect(scheduleAt(run, 299).phase).toBe('mse');
    expect(scheduleAt(run, 300).phase).toBe('mixed');
    expect(refitStart(run)).toBe(900);
    const last = scheduleAt(run, 900);
    expect(last).toMatchObject({ phase: 'refit', distortion: 'mixed', clip: run.clipMixed });
    expect(last.sigma).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('step', () => {
  const started = () => {
    const { layout, weights } = startedTestProfile();
    return { layout, state: freshState(weights) };
  };
  const options = { learningRate: 1e-3, clip: 1, emaDecay: 0.99, rate: () => 1 };

  it('skips a gradient that is not finite', () => {
    const { layout, state } = started();
    const before = structuredClone(state);
    const gradient = new Float32Array(layout.size).fill(1e-3);
    gradient[17] = Number.NaN;
    expect(step(layout, state, gradient, options)).toBeNaN();
    expect(state).toEqual(before);
  });

  it('does not depend on the scale of a clipped gradient', () => {
    const rng = new Rng(1);
    const { layout, state: a } = started();
    const { state: b } = started();
    const gradient = Float32Array.from({ length: layout.size }, () => rng.normal());
    step(layout, a, gradient, options);
    step(
      layout,
      b,
      gradient.map((g) => g * 8),
      options,
    );
    const difference = a.weights.reduce((m, w, i) => Math.max(m, Math.abs(w - b.weights[i])), 0);
    expect(difference).toBeLessThan(1e-6);
  });

  it("takes steps in proportion to a parameter's rate", () => {
    const { layout, state: a } = started();
    const { state: b } = started();
    const before = a.weights.slice();
    const gradient = new Float32Array(layout.size).fill(1e-4);
    step(layout, a, gradient, options);
    step(layout, b, gradient, {
      ...options,
      rate: (name) => (name.startsWith('analysis.') ? 0.25 : 1),
    });
    for (const { name, offset } of layout.parameters) {
      const ratio = (b.weights[offset] - before[offset]) / (a.weights[offset] - before[offset]);
      if (Number.isFinite(ratio))
        expect(ratio, name).toBeCloseTo(name.startsWith('analysis.') ? 0.25 : 1, 2);
    }
  });

  it('leaves frozen tensors and the unread links alone', () => {
    const { layout, state } = started();
    const before = state.weights.slice();
    const rng = new Rng(6);
    const gradient = Float32Array.from({ length: layout.size }, () => rng.normal());
    const links = layout.byName.get('context.groupLinks.w');
    if (!links) throw new Error('no links');
    // The first group reads nothing, so its gradient is zero.
    const [, rows, columns] = links.shape;
    gradient.fill(0, links.offset, links.offset + rows * columns);
    step(layout, state, gradient, {
      ...options,
      rate: (name) => (isFrozen('refit', name) ? 0 : 1),
    });
    for (const p of layout.parameters) {
      const moved = state.weights.some(
        (w, i) => i >= p.offset && i < p.offset + p.size && w !== before[i],
      );
      expect(moved, p.name).toBe(!isFrozen('refit', p.name));
    }
    const first = state.weights.subarray(links.offset, links.offset + rows * columns);
    expect(first.every((w) => w === 0)).toBe(true);
  });
});
