import { ShvqError } from '../../format/errors.js';
import { bytesOf, infoOf } from '../../weights/dtypes.js';
import { valuesOf } from '../../weights/half.js';
import type { Tensor } from '../../weights/types.js';

/** How far a tensor is from its original. */
export interface TensorDifference {
  readonly name: string;
  readonly elements: number;
  /** In type and bits. */
  readonly identical: boolean;
  /**
   * Root of the mean squared error over the root mean square; null where the original is zero and the
   * tensor is not, Infinity where only one of the two is finite somewhere.
   */
  readonly relativeError: number | null;
}

/** Sums over tensors of a network. */
export interface Comparison {
  readonly tensors: TensorDifference[];
  /** Whether all tensors are. */
  readonly identical: boolean;
  /** Of all elements of floating-point tensors, in decibels; null for none or no error. */
  readonly snr: number | null;
  readonly elements: number;
}

type Elements = ArrayLike<number | bigint>;

/** Sum of squares of what is finite. */
function power(data: Elements): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const x = Number(data[i]);
    if (Number.isFinite(x)) sum += x * x;
  }
  return sum;
}

/** Sum of squared differences; Infinity where one is not finite. */
function noiseOf(data: Elements, other: Elements): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const [a, b] = [data[i]!, other[i]!];
    // Both may be NaN, or infinite.
    if (!Object.is(a, b)) sum += difference(a, b) ** 2;
  }
  return Number.isFinite(sum) ? sum : Infinity;
}

/** Large integers differ by less than a double tells. */
function difference(a: number | bigint, b: number | bigint): number {
  return typeof a === 'bigint' && typeof b === 'bigint' ? Number(a - b) : Number(a) - Number(b);
}

function relative(error: number, own: number): number | null {
  if (error === 0 || error === Infinity) return error;
  return own > 0 ? Math.sqrt(error / own) : null;
}

function isIdentical(a: Tensor, b: Tensor): boolean {
  return a.dtype === b.dtype && Buffer.compare(bytesOf(a.data), bytesOf(b.data)) === 0;
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
  const equal = originals.every((original, i) => isIdentical(original, partners[i]!));
  const [as, bs] = equal ? [originals, partners] : [fold(originals), fold(partners)];
  let signal = 0;
  let noise = 0;
  let elements = 0;
  const tensors = as.map((a, i): TensorDifference => {
    const { name, dtype, data } = a;
    const values = valuesOf(a);
    const error = noiseOf(values, valuesOf(bs[i]!));
    const own = power(values);
    elements += data.length;
    if (infoOf(dtype).float) {
      signal += own;
      noise += error;
    }
    return {
      name,
      elements: data.length,
      identical: isIdentical(a, bs[i]!),
      relativeError: relative(error, own),
    };
  });
  const snr = noise > 0 && signal > 0 ? 10 * Math.log10(signal / noise) : null;
  return { tensors, identical: tensors.every(({ identical }) => identical), snr, elements };
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
