import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { distortionOf, lossOf } from '../src/loss/loss.ts';
import { codec } from '../src/model/codec.ts';
import { assign, quantize, softBits } from '../src/model/quantizer.ts';
import { Rng } from '../src/rng.ts';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../src/tf.ts';
import { root, startedTestProfile } from './fixtures.ts';
import { unpack } from '../src/trainer.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** (f(x + h) - f(x - h)) / 2h along each listed element of one input. */
function numeric(
  f: (...x: Tensor[]) => Tensor,
  inputs: Tensor[],
  which: number,
  elements: number[],
  h: number,
): number[] {
  return elements.map((e) => {
    const at = (delta: number) => {
      const data = inputs[which].dataSync().slice();
      data[e] += delta;
      const moved = inputs.slice();
      moved[which] = tf.tensor(data, inputs[which].shape);
      return f(...moved).dataSync()[0];
    };
    return (at(h) - at(-h)) / (2 * h);
  });
}

describe('quantizer gradients', () => {
  const rng = new Rng(3);
  const n = 24;
  const c = tf.tensor1d([-9, -5, -3, -1.7, -0.8, 0, 0.9, 1.8, 3.2, 5, 8]);
  const z = tf.tensor1d(Float32Array.from({ length: n }, () => rng.normal() * 4));
  const mean = tf.tensor1d(Float32Array.from({ length: n }, () => rng.normal() * 2));
  const logScale = tf.tensor1d(Float32Array.from({ length: n }, () => 0.3 * rng.normal() + 0.7));
  const weights = tf.tensor1d(Float32Array.from({ length: n }, () => rng.uniform() + 0.5));
  const sigma = 4;
  const assignmentOf = (a: Tensor, b: Tensor) =>
    assign(a.dataSync() as Float32Array, b.dataSync() as Float32Array, sigma);

  const value = (a: Tensor, b: Tensor) =>
    tf.sum(
      tf.mul(
        quantize(a as Tensor1D, b as Tensor1D, assignmentOf(a, b), { sigma, forward: 'soft' }),
        weights,
      ),
    );
  const bits = (a: Tensor, m: Tensor, s: Tensor, b: Tensor) =>
    tf.sum(
      tf.mul(
        softBits(
          a as Tensor1D,
          m as Tensor1D,
          s as Tensor1D,
          b as Tensor1D,
          assignmentOf(a, b),
          sigma,
        ),
        weights,
      ),
    );

  const check = (f: (...x: Tensor[]) => Tensor, inputs: Tensor[]) => {
    const analytic = tf.grads((...x: Tensor[]) => f(...x) as ReturnType<typeof tf.scalar>)(inputs);
    inputs.forEach((input, which) => {
      const all = Array.from({ length: input.size }, (_, i) => i);
      const expected = numeric(f, inputs, which, all, 2e-3);
      const got = analytic[which].dataSync();
      all.forEach((e) => {
        expect(Math.abs(got[e] - expected[e])).toBeLessThan(0.02 + 0.02 * Math.abs(expected[e]));
      });
    });
  };

  it('of the value match differences', () => check(value, [z, c]));
  it('of the bits match differences', () => check(bits, [z, mean, logScale, c]));
  it('of the hard value are those of the soft one', () => {
    const hard = (a: Tensor, b: Tensor) =>
      tf.sum(
        tf.mul(
          quantize(a as Tensor1D, b as Tensor1D, assignmentOf(a, b), { sigma, forward: 'hard' }),
          weights,
        ),
      );
    const gradient = (f: typeof value) =>
      tf.grads((a, b) => f(a, b) as ReturnType<typeof tf.scalar>)([z, c]).map((t) => t.dataSync());
    expect(gradient(hard)).toEqual(gradient(value));
    expect(hard(z, c).dataSync()[0]).not.toBeCloseTo(value(z, c).dataSync()[0], 3);
  });
});

describe('loss gradients', () => {
  const { structure, run } = loadConfig(root, 'test');
  const side = 176;

  it.each(['mse', 'mixed'] as const)('%s matches differences along random directions', (kind) => {
    const { layout, weights: flat } = startedTestProfile();
    const rng = new Rng(9);
    // Away from the start, where many gradients vanish.
    for (let i = 0; i < flat.length; i++) flat[i] += 0.02 * rng.normal();
    const x = tf.tensor4d(
      Float32Array.from({ length: side * side * 3 }, (_, i) => {
        const at = Math.floor(i / 3);
        return 0.35 * Math.sin((at % side) / 9 + (i % 3)) * Math.cos(Math.floor(at / side) / 13);
      }),
      [1, side, side, 3],
    ) as Tensor4D;
    const lossFor = (w: Record<string, Tensor>) => {
      const options = { sigma: 4, forward: 'soft' } as const;
      const { picture, bits } = codec(w, structure, x, Int32Array.of(2), options);
      const bpp = tf.div(bits, side * side) as Tensor1D;
      const d = distortionOf(kind, run, picture, x);
      return lossOf(bpp, d, Float32Array.of(kind === 'mse' ? 400 : 5)) as ReturnType<
        typeof tf.scalar
      >;
    };
    const names = layout.parameters.map((p) => p.name);
    const weights = unpack(layout, flat);
    const grads = tf.grads((...t: Tensor[]) =>
      lossFor(Object.fromEntries(names.map((name, i) => [name, t[i]]))),
    )(names.map((name) => weights[name]));
    for (const name of names) {
      const g = grads[names.indexOf(name)];
      const direction = tf.div(g, tf.add(tf.norm(g), 1e-12));
      const slope = tf.norm(g).dataSync()[0];
      const at = (h: number) =>
        tf.tidy(
          () =>
            lossFor({ ...weights, [name]: tf.add(weights[name], tf.mul(direction, h)) }).dataSync()[0],
        );
      const h = Math.min(5e-3, 2e-3 / Math.max(slope, 1e-3));
      const expected = (at(h) - at(-h)) / (2 * h);
      expect(Math.abs(slope - expected), name).toBeLessThan(0.01 + 0.06 * Math.abs(expected));
    }
  }, 120_000);
});
