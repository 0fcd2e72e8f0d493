import { describe, expect, it } from 'vitest';
import { annealCenters } from '../../../src/weights/compress/anneal.js';
import { assign } from '../../../src/weights/compress/assign.js';
import { triangularLattice, uniformScalars } from '../../../src/weights/compress/codebook.js';
import { inverseFactor } from '../../../src/weights/compress/factor.js';
import { costWithInputs, outputsOf } from '../../../src/weights/compress/layer.js';
import { runInLockstep } from '../../../src/weights/compress/lockstep.js';
import { exp2, log2 } from '../../../src/weights/compress/math.js';
import { momentsOf, outputMoments } from '../../../src/weights/compress/moments.js';
import type { Forward, Layer } from '../../../src/weights/compress/network.js';
import { samplePatches } from '../../../src/weights/compress/patches.js';
import { PriceSearch } from '../../../src/weights/compress/price.js';
import { REFERENCE } from '../../../src/weights/compress/products/reference.js';
import { Rates } from '../../../src/weights/compress/rates.js';
import { roundMatrix } from '../../../src/weights/compress/round.js';
import { Random } from '../../support/random.js';

const random = new Random(9);

/** [columns][rows] of correlated inputs with a mean. */
function correlated(columns: number, rows: number) {
  const data = new Float32Array(columns * rows);
  for (let i = 0; i < data.length; i++) {
    data[i] = 0.3 + random.normal() + (i < rows ? 0 : 0.8 * data[i - rows]!);
  }
  return { columns, rows, data };
}

describe('math', () => {
  it('agrees with the library', () => {
    for (let i = 0; i < 2000; i++) {
      const x = (random.uniform() - 0.5) * 200;
      expect(exp2(x) / 2 ** x).toBeCloseTo(1, 10);
      const y = 2 ** x;
      expect(log2(y)).toBeCloseTo(Math.log2(y), 10);
    }
    for (const y of [0, Infinity, 2 ** -1074]) expect(log2(y)).toBe(Math.log2(y));
  });
});

describe('moments', () => {
  it('are those of the patches, for odd and even numbers of columns', () => {
    for (const columns of [1, 6, 7]) {
      const patches = correlated(columns, 700);
      const { mean, covariance } = momentsOf(patches, REFERENCE);
      const column = (c: number) => patches.data.subarray(c * 700, (c + 1) * 700);
      for (let i = 0; i < columns; i++) {
        expect(mean[i]).toBeCloseTo(column(i).reduce((a, b) => a + b, 0) / 700, 5);
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          column(i).forEach((x, r) => {
            sum += (x - mean[i]!) * (column(j)[r]! - mean[j]!);
          });
          expect(covariance[i * columns + j]).toBeCloseTo(sum / 700, 5);
        }
      }
    }
  });

  it('give mean and variance of outputs', () => {
    const patches = correlated(5, 900);
    const weights = Float64Array.from({ length: 5 }, () => random.normal());
    const outputs = outputsOf({ rows: 1, columns: 5, data: weights }, patches, REFERENCE);
    const mean = outputs.reduce((a, b) => a + b, 0) / 900;
    const variance = outputs.reduce((a, b) => a + (b - mean) ** 2, 0) / 900;
    const found = outputMoments(momentsOf(patches, REFERENCE), weights);
    expect(found.mean).toBeCloseTo(mean, 4);
    expect(found.variance).toBeCloseTo(variance, 3);
  });
});

describe('patches', () => {
  it('are what a convolution sees', () => {
    const [pictures, side, channels] = [3, 5, 2];
    const data = Float32Array.from({ length: pictures * side * side * channels }, () =>
      random.normal(),
    );
    const input = { shape: [pictures, side, side, channels], data };
    const window = { height: 3, width: 3, stride: 2, top: 1, left: 1, rows: 3, columns: 3 };
    for (const outputs of ['first', 'last'] as const) {
      const layer: Layer = { weights: 'w', outputs, window };
      const patches = samplePatches(layer, input, 1000);
      expect([patches.rows, patches.columns]).toEqual([27, 18]);
      // Picture 1, second row, third column of outputs: input rows 1..3, columns 3..5 (5 is outside).
      const r = 9 + 3 + 2;
      for (let c = 0; c < channels; c++) {
        for (let y = 0; y < 3; y++) {
          for (let x = 0; x < 3; x++) {
            const column = outputs === 'first' ? c * 9 + y * 3 + x : (y * 3 + x) * channels + c;
            const inside = 3 + x < side;
            const at = ((side + 1 + y) * side + 3 + x) * channels + c;
            expect(patches.data[column * 27 + r]).toBe(inside ? data[at] : 0);
          }
        }
      }
    }
  });

  it('are a sample without repetition where there are more', () => {
    const data = Float32Array.from({ length: 1000 }, (_, i) => i);
    const { rows, data: out } = samplePatches(
      { weights: 'w', outputs: 'first' },
      { shape: [1000, 1], data },
      300,
    );
    expect(rows).toBe(300);
    expect(new Set(out).size).toBe(300);
  });
});

describe('inverseFactor', () => {
  it('is a root of the inverse', () => {
    const { covariance } = momentsOf(correlated(9, 400), REFERENCE);
    const trace = Array.from({ length: 9 }, (_, i) => covariance[i * 10]!).reduce((a, b) => a + b);
    const u = inverseFactor(covariance, 9, 0.01);
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 9; j++) {
        // (U^T U) (A + ridge) = 1
        let sum = 0;
        for (let k = 0; k < 9; k++) {
          let inverse = 0;
          for (let l = 0; l < 9; l++) inverse += u[l * 9 + i]! * u[l * 9 + k]!;
          sum += inverse * (covariance[k * 9 + j]! + (k === j ? (0.01 * trace) / 9 : 0));
        }
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 9);
      }
    }
  });

  it('bears inputs that are always zero', () => {
    expect([...inverseFactor(new Float64Array(9), 3, 0.01)].every(Number.isFinite)).toBe(true);
  });
});

describe('annealing', () => {
  const count = 3000;
  const importance = new Float64Array(4000).fill(1);

  it('finds the middles of groups', () => {
    const middles = [-2, 0, 0.9];
    const values = Float64Array.from(
      { length: count },
      (_, i) => middles[i % 3]! + 0.02 * random.normal(),
    );
    const start = uniformScalars(1.4, 1);
    const { centers } = annealCenters(start, { count, values, importance }, 0.01);
    middles.forEach((m, i) => {
      expect(centers.points[i]).toBeCloseTo(m, 1);
    });
  });

  it('lowers the cost in error and bits, for scalars and for pairs', () => {
    for (const [start, d] of [
      [uniformScalars(0.8, 8), 1],
      [triangularLattice(0.8, 5), 2],
    ] as const) {
      const data = Float64Array.from({ length: 8 * 400 }, () => random.normal() ** 3 / 2);
      const weights = { rows: 8, columns: 400, data };
      const pairs = new Float64Array(data.length);
      for (let i = 0; i < data.length; i++) {
        const [row, column] = [Math.floor(i / 400), i % 400];
        pairs[(Math.floor(row / d) * 400 + column) * d + (row % d)] = data[i]!;
      }
      const samples = { count: data.length / d, values: pairs, importance };
      const lambda = 0.05;
      const { centers, bits } = annealCenters(start, samples, lambda);
      const cost = (c: typeof centers): number => {
        const rates = new Rates(bits);
        const one = { importance: new Float64Array(400).fill(1) };
        assign(weights, one, c, lambda, rates);
        rates.update();
        const { distortion, bits: spent } = assign(weights, one, c, lambda, rates);
        return distortion + lambda * spent;
      };
      expect(cost(centers)).toBeLessThan(cost(start));
    }
  });
});

describe('assignment', () => {
  it('makes up for errors in columns to come', () => {
    const patches = correlated(24, 2000);
    const data = Float64Array.from({ length: 6 * 24 }, () => random.normal());
    const weights = { rows: 6, columns: 24, data };
    const { importance, factor } = costWithInputs(momentsOf(patches, REFERENCE), 1);
    const centers = uniformScalars(0.5, 12);
    const free = () => new Rates(new Float64Array(centers.count));
    const outputError = (values: Float64Array): number => {
      const difference = { ...weights, data: values.map((v, i) => v - data[i]!) };
      const outputs = outputsOf(difference, patches, REFERENCE);
      let sum = 0;
      for (let o = 0; o < 6; o++) {
        const row = outputs.subarray(o * 2000, (o + 1) * 2000);
        const mean = row.reduce((a, b) => a + b, 0) / 2000;
        sum += row.reduce((a, b) => a + (b - mean) ** 2, 0) / 2000;
      }
      return sum;
    };
    const plain = assign(weights, { importance }, centers, 0, free());
    const spread = assign(weights, { importance, factor }, centers, 0, free());
    expect(outputError(spread.values)).toBeLessThan(0.7 * outputError(plain.values));
    // What it reports is the output error, but for the damping.
    expect(spread.distortion / outputError(spread.values)).toBeCloseTo(1, 1);
    // Where bits cost nothing, and centers reach all weights, rounding is the same.
    const rounded = roundMatrix(weights, { importance, factor }, 0.5);
    expect(rounded.values).toEqual(spread.values);
    expect(rounded.distortion).toBe(spread.distortion);
  });

  it('foretells the bits of weights that are rounded', () => {
    const columns = 4096;
    const data = Float64Array.from({ length: columns }, () => random.normal());
    const importance = new Float64Array(columns).fill(1);
    for (const step of [1 / 4, 1 / 64, 1 / 4096]) {
      const { bits } = roundMatrix({ rows: 1, columns, data }, { importance }, step);
      // The entropy of a normal distribution.
      const entropy = Math.log2(Math.sqrt(2 * Math.PI * Math.E) / step);
      expect(bits / columns).toBeGreaterThan(entropy - 0.1);
      expect(bits / columns).toBeLessThan(entropy + 0.3);
    }
  });
});

describe('runs in lockstep', () => {
  const run = (names: readonly string[]): Forward => {
    return async (tensors, visit) => {
      for (const weights of names) {
        await visit(
          { weights, outputs: 'first' },
          { shape: [1, 1], data: Float32Array.of(tensors.size) },
        );
      }
      return Float32Array.of(tensors.size);
    };
  };
  const small = new Map([['a', { shape: [1], data: new Float32Array(1) }]]);

  it('meet at every layer', async () => {
    const seen: string[] = [];
    await runInLockstep(run(['x', 'y', 'z']), small, new Map(), async (layer, a, b) => {
      seen.push(`${layer.weights} ${a.data[0]} ${b.data[0]}`);
    });
    expect(seen).toEqual(['x 1 0', 'y 1 0', 'z 1 0']);
  });

  it('say so where they part', async () => {
    for (const [first, second] of [
      ['xy', 'xz'],
      ['xy', 'x'],
      ['x', 'xy'],
    ]) {
      const forward: Forward = (tensors, visit) =>
        run([...(tensors.size > 0 ? first! : second!)])(tensors, visit);
      const running = runInLockstep(forward, small, new Map(), async () => {});
      await expect(running).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
  });

  it('pass on what a network throws', async () => {
    for (const guilty of [0, 1]) {
      const forward: Forward = async (tensors, visit) => {
        await visit(
          { weights: 'x', outputs: 'first' },
          { shape: [1, 1], data: new Float32Array(1) },
        );
        if (tensors.size === guilty) throw new Error('broken');
        await visit(
          { weights: 'y', outputs: 'first' },
          { shape: [1, 1], data: new Float32Array(1) },
        );
        return new Float32Array(1);
      };
      await expect(runInLockstep(forward, small, new Map(), async () => {})).rejects.toThrow(
        'broken',
      );
    }
  });
});

describe('the search for the price of a bit', () => {
  it('finds the price of a size', () => {
    const search = new PriceSearch(0);
    const sizeAt = (price: number) => 3 - price / 4;
    for (let i = 0; i < 2; i++) search.next(sizeAt(search.price), 1);
    expect(search.price).toBeCloseTo(8);
  });

  it('does not leap where two sizes tell nothing of the slope', () => {
    const search = new PriceSearch(0, -1, -2);
    expect(search.next(1.02, 1)).toBe(true);
    expect(search.price).toBeCloseTo(0.02);
    expect(search.next(1.021, 1)).toBe(true);
    expect(search.price).toBeLessThan(0.1);
  });
});
