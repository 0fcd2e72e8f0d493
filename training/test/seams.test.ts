import { describe, expect, it } from 'vitest';
import type { Run } from '../src/config.ts';
import { distortionOf } from '../src/loss/loss.ts';
import { seams } from '../src/loss/seams.ts';
import { type Tensor4D, tf } from '../src/tf.ts';

await tf.setBackend('cpu');

const SIDE = 48;

function picture(value: (x: number, y: number) => number): Tensor4D {
  const data = Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return value(pixel % SIDE, Math.floor(pixel / SIDE));
  });
  return tf.tensor4d(data, [1, SIDE, SIDE, 3]);
}

const of = (a: Tensor4D, b: Tensor4D) => seams(a, b).dataSync()[0];
const level = 1 / 255;

describe('seams', () => {
  const flat = picture(() => 0);

  it('are none where the error is the same on both sides of every edge', () => {
    const slope = picture((x, y) => 0.01 * x + 0.003 * y);
    expect(of(tf.add(slope, 0.1) as Tensor4D, slope)).toBeCloseTo(0, 6);
  });

  it('count 1 for two levels between all blocks of a flat source, in each direction', () => {
    const checks = picture((x, y) => 2 * level * ((Math.floor(x / 16) + Math.floor(y / 16)) % 2));
    expect(of(checks, flat)).toBeCloseTo(1, 3);
    const stripes = picture((x) => 2 * level * (Math.floor(x / 16) % 2));
    expect(of(stripes, flat)).toBeCloseTo(0.5, 3);
  });

  it('do not see steps within blocks', () => {
    expect(
      of(
        picture((x) => 4 * level * (Math.floor((x + 8) / 16) % 2)),
        flat,
      ),
    ).toBeCloseTo(0, 6);
  });

  it('count less where the source is busy', () => {
    const busy = picture((x) => 0.1 * (x % 2));
    const broken = picture((x) => 0.1 * (x % 2) + 2 * level * (Math.floor(x / 16) % 2));
    expect(of(broken, busy)).toBeLessThan(0.01);
  });

  it('count beside MSE where a run says so', () => {
    const stripes = picture((x) => 2 * level * (Math.floor(x / 16) % 2));
    const mse = (run: Partial<Run>) => distortionOf('mse', run as Run, stripes, flat).dataSync()[0];
    expect(mse({})).toBeCloseTo((4 / 3) * level * level, 8);
    expect(mse({ mseSeams: 0.1 }) - mse({})).toBeCloseTo(0.05, 4);
    expect(mse({ seams: 0.1 })).toBe(mse({}));
  });
});
