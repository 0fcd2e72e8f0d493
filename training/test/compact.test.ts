import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nearestVector } from '../../src/entropy/assign.ts';
import type { ScalarModel, VectorModel } from '../../src/model/layers.ts';
import { readModelTensors } from '../../src/model/read.ts';
import { transform as integerTransform } from '../../src/reference/layers.ts';
import { collect, rowsOf } from '../../src/reference/rows.ts';
import { dequantize } from '../../src/reference/synthesis.ts';
import { chooseVectors } from '../../src/vectors/choice.ts';
import { dequantizeVectors, vectorQuantizerAt } from '../../src/vectors/quantizer.ts';
import { biasOf, compactModel, gather, openParts } from '../src/compact/compact.ts';
import { latentOf, type MatrixWeights, quantize, transform } from '../src/compact/network.ts';
import { prepare, quantizeLayer } from '../src/compact/quantize.ts';
import { nearestVectors } from '../src/compact/vectors.ts';
import { imageSet } from '../src/data/images.ts';
import { Rng } from '../src/rng.ts';
import { type Tensor, type Tensor4D, tf } from '../src/tf.ts';

const read = (profile: string) => {
  const file = (part: string) => new URL(`../../models/${profile}-${part}.shvw`, import.meta.url);
  const tensors = (part: string) => readModelTensors(readFileSync(file(part)));
  return { decoder: tensors('decoder'), encoder: tensors('encoder') };
};
const parts = read('test');
const { model, matrices } = openParts(parts);
const scalars = model.decoder as ScalarModel;

/** Waves and edges, so that all layers have something to do. */
function picture(seed: number, side: number) {
  const rng = new Rng(seed);
  const [a, b, edge] = [rng.uniform() * 0.3, rng.uniform() * 0.3, rng.below(side)];
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / 3) % side;
    const y = Math.floor(i / 3 / side);
    const wave = 60 * Math.sin(a * x + b * y + (i % 3)) + (x > edge ? 40 : 0);
    data[i] = Math.max(0, Math.min(255, 110 + wave + 10 * rng.normal()));
  }
  return { name: `${seed}`, width: side, height: side, data };
}

/** The largest difference of a tensor's elements from what is wanted. */
function furthest(tensor: Tensor, wanted: (i: number) => number): number {
  return Float32Array.from(tensor.dataSync()).reduce(
    (most, y, i) => Math.max(most, Math.abs(y - wanted(i))),
    0,
  );
}

const weights = new Map<string, MatrixWeights>();
beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const part of ['decoder', 'encoder'] as const) {
    for (const matrix of matrices[part]) {
      const data = Float32Array.from(gather(parts[part], matrix));
      weights.set(matrix.name, {
        weights: tf.tensor2d(data, [matrix.rows, matrix.columns]),
        bias: tf.tensor1d(Float32Array.from(biasOf(parts[part], matrix))),
      });
    }
  }
});
const of = (name: string) => weights.get(name) as MatrixWeights;

describe('the codec in floating point', () => {
  const side = 64;
  const { data } = picture(1, side);

  it('computes what the integer codec computes, to its roundings', () => {
    const x = tf.tensor4d(
      Float32Array.from(data, (v) => v / 255 - 0.5),
      [1, side, side, 3],
    );
    const latent = latentOf(model.encoder, x, of);
    const pixels = { width: side, height: side, channels: 3 };
    const centred = Int16Array.from(data, (v) => 2 * v - 255);
    const [trunk, shortcut] = integerTransform(
      rowsOf({ ...pixels, data: centred }),
      model.encoder.analysis,
    );
    const [a, b] = [collect(trunk).data, collect(shortcut).data];
    expect(furthest(latent, (i) => a[i] + b[i])).toBeLessThan(24);

    const { quantizer, values } = quantize(scalars, 60, latent);
    const symbols = Uint8Array.from(values.dataSync(), (v, i) => {
      const c = i % quantizer.channels;
      const own = quantizer.values.subarray(c * quantizer.size, (c + 1) * quantizer.size);
      return own.indexOf(v);
    });
    const latent16 = new Int16Array(symbols.length);
    dequantize(quantizer, symbols, latent16);
    expect(Array.from(latent16)).toEqual(Array.from(values.dataSync()));
    const { channels } = quantizer;
    const rows = rowsOf({ width: side / 16, height: side / 16, channels, data: latent16 });
    const [c, d] = integerTransform(rows, model.decoder.synthesis).map((r) => collect(r).data);
    const synthesized = transform(model.decoder.synthesis, 'synthesis', values, of);
    expect(furthest(synthesized, (i) => c[i] + d[i])).toBeLessThan(24);
  });

  it('shows the inputs of each matrix as its rows multiply them', () => {
    const x = tf.randomNormal([1, side, side, 3], 0, 0.2, 'float32', 3) as Tensor4D;
    const seen: string[] = [];
    latentOf(model.encoder, x, of, (name, inputs, outputs) => {
      const { weights: w, bias } = of(name);
      const { shift } = matrices.encoder.find((m) => m.name === name) ?? { shift: 0 };
      const product = tf.mul(tf.add(tf.matMul(inputs(), w, false, true), bias), 2 ** -shift);
      const wanted = outputs.dataSync();
      expect(furthest(product, (i) => wanted[i])).toBeLessThan(0.1);
      seen.push(name);
      return outputs;
    });
    expect(seen.sort()).toEqual(matrices.encoder.map(({ name }) => name).sort());
  });
});

describe('quantized weights', () => {
  const rng = new Rng(4);
  const columns = 24;
  const rows = 64;
  const matrix = { ...matrices.encoder[0], name: 'x', rows, columns, shift: 10 };
  const own = Float64Array.from({ length: rows * columns }, () => Math.round(rng.normal() * 2000));
  /** Inputs of which the first is a thousand times as large as the last, and all alike. */
  const moments = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      moments[i * columns + j] = (i === j ? 1 : 0.7) * 10 ** (-(i + j) * (3 / 46)) * 1e-9;
    }
  }
  const sensitivity = {
    importance: Float64Array.from({ length: rows }, (_, o) => 4 ** (o % 3)),
    mean: new Float64Array(columns).fill(5),
    moments,
  };
  const prepared = prepare(matrix, own, new Int32Array(rows), sensitivity);
  /** What errors cost: the sum over rows of importance * e * moments * e^T. */
  const costOf = (values: ArrayLike<number>) => {
    let cost = 0;
    for (let o = 0; o < rows; o++) {
      const e = Array.from({ length: columns }, (_, c) => {
        const i = o * columns + c;
        return own[i] - values[i];
      });
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) {
          cost += sensitivity.importance[o] * e[i] * e[j] * moments[i * columns + j];
        }
      }
    }
    return cost;
  };

  it('cost less than the same bits on one step for all', () => {
    const layer = quantizeLayer(prepared, 2 ** -14);
    const bits = layer.bits / own.length;
    // What is counted includes the damping of the moments, and leaves out the integers' rounding.
    expect(costOf(layer.weights) / layer.cost).toBeGreaterThan(0.7);
    expect(costOf(layer.weights) / layer.cost).toBeLessThan(1.2);
    // A uniform quantizer of the same entropy: the step at which h(w) - log2(step) is the bits.
    const step = 2000 * Math.sqrt(2 * Math.PI * Math.E) * 2 ** -bits;
    const uniform = own.map((w) => Math.round(w / step) * step);
    expect(costOf(layer.weights)).toBeLessThan(costOf(uniform) / 2);
  });

  it('cost more, and take fewer bits, the higher the price', () => {
    const layers = [-14, -11, -8, -5].map((price) => quantizeLayer(prepared, 2 ** price));
    for (let i = 1; i < layers.length; i++) {
      expect(layers[i].bits).toBeLessThan(layers[i - 1].bits);
      expect(layers[i].cost).toBeGreaterThan(layers[i - 1].cost);
    }
  });

  it('keep the outputs at the mean of the inputs', () => {
    const { bias, weights: values } = quantizeLayer(prepared, 2 ** -6);
    bias.forEach((b, o) => {
      let change = b;
      for (let c = 0; c < columns; c++) {
        change += (values[o * columns + c] - own[o * columns + c]) * sensitivity.mean[c];
      }
      // Half of what biases are rounded to: 2^-5 of an output.
      expect(Math.abs(change)).toBeLessThanOrEqual(2 ** 4);
    });
  });

  it('never let an accumulator overflow', () => {
    const tight = { ...matrix, largest: () => 2 ** 31 / (columns * 1700) };
    const layer = quantizeLayer({ ...prepared, matrix: tight }, 2 ** -12);
    for (let o = 0; o < rows; o++) {
      const row = layer.weights.subarray(o * columns, (o + 1) * columns);
      const sum = row.reduce((s, w) => s + Math.abs(w), 0) * tight.largest();
      expect(sum + 2 ** 9).toBeLessThan(2 ** 31);
    }
  });
});

it('quantizes vectors as the integer codec does', () => {
  const decoder = openParts(read('paper-test')).model.decoder as VectorModel;
  const { channels } = decoder.latent;
  const rng = new Rng(9);
  const data = Int16Array.from({ length: 16 * channels }, () => Math.round(1500 * rng.normal()));
  const y = tf.tensor4d(Float32Array.from(data), [1, 4, 4, channels]);
  const { values, bits } = nearestVectors(decoder, 70, y);

  const quantizer = vectorQuantizerAt(decoder, 70);
  const nearest = chooseVectors(
    quantizer,
    { width: 4, height: 4, channels, data },
    0,
    (vectors, centers, length) =>
      Uint16Array.from({ length: vectors.length / length }, (_, i) =>
        nearestVector(vectors.subarray(i * length, (i + 1) * length), centers),
      ),
  );
  let next = nearest.next();
  while (!next.done) next = nearest.next();
  const wanted = new Int16Array(data.length);
  dequantizeVectors(quantizer, next.value, wanted);
  // The integer codec rounds what it compares.
  const equal = values.dataSync().filter((v, i) => v === wanted[i]).length;
  expect(equal / wanted.length).toBeGreaterThan(0.98);
  expect(bits).toBeGreaterThan(0);
  expect(bits).toBeLessThan(
    (wanted.length / quantizer.dimension) * Math.log2(quantizer.size) * 1.5,
  );
});

it.each(['test', 'paper-test'])(
  'compresses %s, and the files give the same integers',
  (profile) => {
    const compact = compactModel(
      read(profile),
      { decoder: 6, encoder: 6 },
      {
        images: imageSet([picture(5, 96), picture(6, 96)]),
        batches: 2,
        batch: 1,
        crop: 32,
        rng: new Rng(7),
        lambdas: [2, 64],
        weights: { similarity: 1, mse: 10 },
      },
    );
    for (const part of ['decoder', 'encoder'] as const) {
      const { bytes, bitsPerWeight, part: tensors } = compact.files[part];
      // Fewer where more would not cost less.
      expect(bitsPerWeight).toBeLessThan(6 * 1.03);
      // Tables of vectors take nothing from the weights.
      expect(bitsPerWeight).toBeGreaterThan(3);
      const again = readModelTensors(bytes);
      expect(again.tensors.map(({ name }) => name)).toEqual(
        tensors.tensors.map(({ name }) => name),
      );
      again.tensors.forEach(({ data }, i) => {
        expect(Array.from(data)).toEqual(Array.from(tensors.tensors[i].data));
      });
    }
    expect(compact.encoder.decoderId).toBe(compact.decoder.id);
    expect(compact.decoder.id).not.toBe(openParts(read(profile)).model.decoder.id);
    // The same price costs the decoder less where it has more bits.
    expect(compact.files.decoder.cost).toBeGreaterThan(0);
  },
);
