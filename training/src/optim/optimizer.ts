import type { Slot } from '../model/parameters.ts';
import type { Annealing } from '../quantizer/anneal.ts';
import { tf } from '../tf.ts';
import { accumulate, follow, move, sumOfSquares } from './loops.ts';
import { orthogonalize } from './muon.ts';

const MUON_MOMENTUM = 0.95;
const MUON_SCALE = 0.2;
const BETA1 = 0.9;
const BETA2 = 0.98;
const EPSILON = 1e-8;

/** Everything a step changes; flat vectors in the layout's order. */
export interface OptimizerState {
  weights: Float32Array;
  ema: Float32Array;
  /** Momentum: Muon's buffer or Adam's first moment. */
  first: Float32Array;
  /** Adam's second moment; zero where Muon steps. */
  second: Float32Array;
  /** Steps taken since the moments were zero (Adam's bias correction). */
  moments: number;
  /** Steps that entered the moving average. */
  averaged: number;
  /** Where gap control stands; at rest where a run has none. */
  annealing: Annealing;
}

export function freshState(weights: Float32Array, sigma = 0): OptimizerState {
  return {
    weights,
    ema: weights.slice(),
    first: new Float32Array(weights.length),
    second: new Float32Array(weights.length),
    moments: 0,
    averaged: 0,
    annealing: { sigma, firstGap: null },
  };
}

export interface StepOptions {
  learningRate: number;
  /** Largest norm of the whole gradient. */
  clip: number;
  emaDecay: number;
  /** Factor on a parameter's learning rate; where it is 0 the parameter stands still. */
  rate: (name: string) => number;
}

/**
 * One step from the flat gradient: Muon on the matrices, Adam on the rest, then the moving
 * average. Returns the gradient's norm; where that is not finite nothing changes.
 */
export function step(
  layout: { readonly parameters: readonly Slot[] },
  state: OptimizerState,
  gradient: Float32Array,
  options: StepOptions,
): number {
  const active = layout.parameters.filter((p) => options.rate(p.name) > 0);
  let sum = 0;
  for (const p of active) {
    sum += sumOfSquares(gradient.subarray(p.offset, p.offset + p.size));
  }
  const norm = Math.sqrt(sum);
  if (!Number.isFinite(norm)) return norm;
  const scale = norm > options.clip ? options.clip / norm : 1;

  state.moments++;
  const muon: Slot[] = [];
  for (const p of active) {
    if (p.muon) muon.push(p);
    else stepAdam(p, state, gradient, scale, options.learningRate * options.rate(p.name));
  }
  stepMuon(muon, state, gradient, scale, (p) => options.learningRate * options.rate(p.name));

  state.averaged++;
  const decay = Math.min(options.emaDecay, (state.averaged + 1) / (state.averaged + 20));
  follow(state.ema, state.weights, 1 - decay);
  return norm;
}

function stepAdam(
  p: Slot,
  { weights, first, second, moments }: OptimizerState,
  gradient: Float32Array,
  scale: number,
  learningRate: number,
): void {
  const rate = learningRate / (1 - BETA1 ** moments);
  const correction = 1 / (1 - BETA2 ** moments);
  for (let i = p.offset; i < p.offset + p.size; i++) {
    const g = gradient[i] * scale;
    first[i] += (1 - BETA1) * (g - first[i]);
    second[i] += (1 - BETA2) * (g * g - second[i]);
    weights[i] -= (rate * first[i]) / (Math.sqrt(second[i] * correction) + EPSILON);
  }
}

/** Matrices of one shape go through Newton-Schulz as one batch. */
function stepMuon(
  parameters: Slot[],
  { weights, first }: OptimizerState,
  gradient: Float32Array,
  scale: number,
  learningRate: (p: Slot) => number,
): void {
  const byShape = new Map<string, Slot[]>();
  for (const p of parameters) {
    const key = `${p.muon?.rows}x${p.muon?.columns}`;
    byShape.set(key, [...(byShape.get(key) ?? []), p]);
  }
  const groups = [...byShape.values()];
  const orthogonal = tf.tidy(() =>
    orthogonalize(
      groups.map((group) => {
        const { rows, columns } = group[0].muon as NonNullable<Slot['muon']>;
        const size = group.reduce((n, p) => n + p.size, 0);
        const update = new Float32Array(size);
        let at = 0;
        for (const p of group) {
          const end = p.offset + p.size;
          accumulate(
            first.subarray(p.offset, end),
            gradient.subarray(p.offset, end),
            scale,
            MUON_MOMENTUM,
            update.subarray(at, at + p.size),
          );
          at += p.size;
        }
        return tf.tensor3d(update, [size / (rows * columns), rows, columns]);
      }),
    ),
  );
  groups.forEach((group, g) => {
    // Read outside of tidy, which would walk over every element of an array that it returns.
    const directions = orthogonal[g].dataSync() as Float32Array;
    let at = 0;
    for (const p of group) {
      const { rows, columns, longest } = p.muon as NonNullable<Slot['muon']>;
      const area = rows * columns;
      longest.forEach((side, b) => {
        const from = p.offset + b * area;
        const rate = learningRate(p) * MUON_SCALE * Math.sqrt(side);
        move(weights.subarray(from, from + area), directions.subarray(at, at + area), rate);
        at += area;
      });
    }
  });
  tf.dispose(orthogonal);
}
