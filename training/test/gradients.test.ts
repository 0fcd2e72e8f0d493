import { describe, expect, it } from 'vitest';
import { distortionOf, lossOf } from '../src/loss/loss.ts';
import { msssim } from '../src/loss/msssim.ts';
import { codec } from '../src/model/codec.ts';
import { assign, quantize, softBits } from '../src/quantizer/scalar.ts';
import { Rng } from '../src/rng.ts';
import { type Scalar, type Tensor, type Tensor1D, type Tensor4D, tf } from '../src/tf.ts';
import { unpack } from '../src/trainer.ts';
import { startedTestProfile } from './fixtures.ts';

await tf.setBackend('cpu');

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
    const analytic = tf.grads((...x: Tensor[]) => f(...x) as Scalar)(inputs);
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
      tf
        .grads((a, b) => f(a, b) as Scalar)([z, c])
        .map((t) => t.dataSync());
    expect(gradient(hard)).toEqual(gradient(value));
    expect(hard(z, c).dataSync()[0]).not.toBeCloseTo(value(z, c).dataSync()[0], 3);
  });
});

/**
 * Relative error of a gradient's norm against difference quotients along it. Of several steps the
 * best counts: where curvature spoils the long ones and rounding the short ones differs by tensor.
 */
function slopeError(f: (t: Tensor) => Tensor, at: Tensor, gradient: Tensor): number {
  const slope = tf.norm(gradient).dataSync()[0];
  const direction = tf.div(gradient, slope);
  const moved = (by: number) => tf.tidy(() => f(tf.add(at, tf.mul(direction, by)))).dataSync()[0];
  const errors = [3e-5, 1e-4, 3e-4, 1e-3, 3e-3].map((change) => {
    const h = Math.min(0.05, change / slope);
    return Math.abs((moved(h) - moved(-h)) / (2 * h * slope) - 1);
  });
  return Math.min(...errors);
}

describe('network gradients', () => {
  const { config, layout, weights: flat } = startedTestProfile();
  const { structure, run } = config;
  const side = 32;
  const rng = new Rng(9);
  // Away from the start, where many gradients vanish.
  for (let i = 0; i < flat.length; i++) flat[i] += 0.1 * rng.normal();
  const pattern = Float32Array.from({ length: 2 * side * side * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return 0.35 * Math.sin((pixel % side) / 5 + (i % 3)) * Math.cos(pixel / side / 4);
  });
  const weights = unpack(layout, flat);
  const x = tf.tensor4d(pattern, [2, side, side, 3]);
  const lossFor = (w: Record<string, Tensor>) => {
    // With a sharp assignment the three centers hold nearly all of it: the soft value and rate
    // are smooth across cell boundaries, and differences mean something.
    const options = { sigma: 4, forward: 'soft' } as const;
    const { picture, bits } = codec(w, structure, x, Int32Array.of(2, 4), options);
    const bpp = tf.div(bits, side * side) as Tensor1D;
    const d = distortionOf('mse', run, picture, x);
    return lossOf(bpp, d, Float32Array.of(20, 80)) as Scalar;
  };
  const names = layout.parameters.map((p) => p.name);
  const gradients = tf.grads((...t: Tensor[]) =>
    lossFor(Object.fromEntries(names.map((name, i) => [name, t[i]]))),
  )(names.map((name) => weights[name]));

  it.each(names)('of %s match differences', (name) => {
    const f = (t: Tensor) => lossFor({ ...weights, [name]: t });
    const error = slopeError(f, weights[name], gradients[names.indexOf(name)]);
    expect(error).toBeLessThan(0.03);
  });
});

describe('MS-SSIM gradient', () => {
  it('matches differences', () => {
    const side = 176;
    const rng = new Rng(4);
    const noise = (deviation: number) =>
      tf.tensor4d(
        Float32Array.from({ length: side * side * 3 }, (_, i) => {
          const wave = 0.5 + 0.3 * Math.sin(i / 40) * Math.cos(i / (side * 30));
          return wave + deviation * rng.normal();
        }),
        [1, side, side, 3],
      );
    const target = noise(0);
    const picture = noise(0.05);
    const f = (t: Tensor) => tf.sum(msssim(t as Tensor4D, target)) as Scalar;
    const error = slopeError(f, picture, tf.grad(f)(picture));
    expect(error).toBeLessThan(0.02);
  });
});
