import type {
  Forward,
  Layer,
  NamedTensors,
  Normalization,
} from '../../../src/weights/compress/network.js';
import type { Tensor } from '../../../src/weights/types.js';
import { Random } from '../../support/random.js';

/** A network of three matrix products with batch normalization, and correlated inputs for it. */
export const SIDES = [24, 40, 32, 10];
export const ROWS = 600;

const normalizationOf = (i: number): Normalization => ({
  scale: `bn${i}.weight`,
  shift: `bn${i}.bias`,
  mean: `bn${i}.running_mean`,
  variance: `bn${i}.running_var`,
});

export function layerOf(i: number): Layer {
  const last = i === SIDES.length - 2;
  return {
    weights: `fc${i}.weight`,
    outputs: 'first',
    ...(last ? { bias: `fc${i}.bias` } : { normalization: normalizationOf(i) }),
  };
}

export function randomNetwork(seed: number): Tensor[] {
  const random = new Random(seed);
  const tensor = (name: string, shape: number[], of: () => number): Tensor => ({
    name,
    shape,
    dtype: 'float32',
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, of),
  });
  return SIDES.slice(1).flatMap((outputs, i) => {
    const inputs = SIDES[i]!;
    const weights = tensor(`fc${i}.weight`, [outputs, inputs], () => {
      const x = random.normal();
      return (x * Math.abs(x)) / Math.sqrt(inputs);
    });
    if (i === SIDES.length - 2) {
      return [weights, tensor(`fc${i}.bias`, [outputs], () => random.normal())];
    }
    const n = normalizationOf(i);
    return [
      weights,
      tensor(n.scale!, [outputs], () => 0.5 + random.uniform()),
      tensor(n.shift, [outputs], () => random.normal() / 4),
      tensor(n.mean, [outputs], () => random.normal() / 4),
      tensor(n.variance, [outputs], () => 0.5 + random.uniform()),
    ];
  });
}

/** [ROWS][SIDES[0]]: each input is its own noise and a part of the input before it. */
export function randomInputs(seed: number): Float32Array {
  const random = new Random(seed);
  const out = new Float32Array(ROWS * SIDES[0]!);
  for (let i = 0; i < out.length; i++) {
    const before = i % SIDES[0]! === 0 ? 0 : out[i - 1]!;
    out[i] = random.normal() * 0.5 + 0.9 * before + 0.05;
  }
  return out;
}

export const byName = (tensors: readonly Tensor[]): NamedTensors =>
  new Map(tensors.map(({ name, shape, data }) => [name, { shape, data: data as Float32Array }]));

/** Weights times inputs, normalization or bias, rectifier between layers. */
export function forwardOn(inputs: Float32Array): Forward {
  const rows = inputs.length / SIDES[0]!;
  return async (tensors, visit) => {
    let x = inputs;
    for (let i = 0; i < SIDES.length - 1; i++) {
      const layer = layerOf(i);
      const [columns, outputs] = [SIDES[i]!, SIDES[i + 1]!];
      await visit(layer, { shape: [rows, columns], data: x });
      const get = (name: string): Float32Array => tensors.get(name)!.data;
      const w = get(layer.weights);
      const y = new Float32Array(rows * outputs);
      for (let r = 0; r < rows; r++) {
        for (let o = 0; o < outputs; o++) {
          let sum = 0;
          for (let c = 0; c < columns; c++) sum += w[o * columns + c]! * x[r * columns + c]!;
          if (layer.bias !== undefined) sum += get(layer.bias)[o]!;
          const n = layer.normalization;
          if (n) {
            const deviation = Math.sqrt(get(n.variance)[o]! + 1e-5);
            sum = ((sum - get(n.mean)[o]!) / deviation) * get(n.scale!)[o]! + get(n.shift)[o]!;
            sum = Math.max(0, sum);
          }
          y[r * outputs + o] = sum;
        }
      }
      x = y;
    }
    return x;
  };
}

/** Mean squared difference over mean square. */
export function relativeError(a: Float32Array, b: Float32Array): number {
  let error = 0;
  let power = 0;
  for (let i = 0; i < a.length; i++) {
    error += (a[i]! - b[i]!) ** 2;
    power += a[i]! ** 2;
  }
  return error / power;
}
