import { ShvqError } from '../../format/errors.js';
import type { Tensor } from '../../weights/types.js';

/** How far a tensor is from its original. */
export interface TensorDifference {
  readonly name: string;
  readonly elements: number;
  readonly identical: boolean;
  /** Root of the mean squared error over the root mean square; null where the original is zero. */
  readonly relativeError: number | null;
}

/** Sums over tensors of a network. */
export interface Comparison {
  readonly tensors: TensorDifference[];
  /** Of all elements of floating-point tensors, in decibels; null for none or no error. */
  readonly snr: number | null;
  readonly elements: number;
}

function squares(data: ArrayLike<number | bigint>, less?: ArrayLike<number | bigint>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (Number(data[i]) - Number(less?.[i] ?? 0)) ** 2;
  return sum;
}

/**
 * @param fold Folds normalizations, in both networks alike: compression may have, so that tensors differ
 *   where the networks compute the same.
 * @throws ShvqError BAD_INPUT where names or shapes differ
 */
export function compareTensors(
  originals: readonly Tensor[],
  others: readonly Tensor[],
  fold: (network: readonly Tensor[]) => Tensor[],
): Comparison {
  const partners = partnersOf(originals, others);
  const equal = originals.every(({ data }, i) => squares(data, partners[i]!.data) === 0);
  const [as, bs] = equal ? [originals, partners] : [fold(originals), fold(partners)];
  let signal = 0;
  let noise = 0;
  let elements = 0;
  const tensors = as.map(({ name, dtype, data }, i): TensorDifference => {
    const error = squares(data, bs[i]!.data);
    const own = squares(data);
    elements += data.length;
    if (dtype === 'float32' || dtype === 'float64') {
      signal += own;
      noise += error;
    }
    return {
      name,
      elements: data.length,
      identical: error === 0,
      relativeError: own > 0 ? Math.sqrt(error / own) : null,
    };
  });
  const snr = noise > 0 && signal > 0 ? 10 * Math.log10(signal / noise) : null;
  return { tensors, snr, elements };
}

/** The tensors of another network in the order of a network's own. @throws ShvqError BAD_INPUT */
function partnersOf(originals: readonly Tensor[], others: readonly Tensor[]): Tensor[] {
  const byName = new Map(others.map((tensor) => [tensor.name, tensor]));
  return originals.map(({ name, shape }) => {
    const other = byName.get(name);
    if (other?.shape.join() === shape.join()) return other;
    const what = other ? `has the shape [${other.shape}], not [${shape}]` : 'is missing';
    throw new ShvqError('BAD_INPUT', `A tensor ${what}`, { tensor: name });
  });
}
