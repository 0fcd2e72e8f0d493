import type { Patches } from './patches.js';
import type { ProductEngine } from './products/engine.js';

/** First and second moments of a layer's inputs. */
export interface Moments {
  readonly columns: number;
  /** Patches that they were taken over. */
  readonly rows: number;
  /** [columns] */
  readonly mean: Float64Array;
  /** [columns][columns], of the deviations from the mean; symmetric. */
  readonly covariance: Float64Array;
}

/** Mean and covariance of patches. Takes columns^2 * rows / 2 multiplications. */
export function momentsOf({ rows, columns, data }: Patches, products: ProductEngine): Moments {
  const mean = new Float64Array(columns);
  const centred = new Float32Array(data.length);
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let r = c * rows; r < (c + 1) * rows; r++) sum += data[r]!;
    const m = sum / rows;
    mean[c] = m;
    for (let r = c * rows; r < (c + 1) * rows; r++) centred[r] = data[r]! - m;
  }
  const covariance = products.multiply({ rows: columns, length: rows, data: centred });
  for (let i = 0; i < covariance.length; i++) covariance[i] = covariance[i]! / rows;
  return { columns, rows, mean, covariance };
}

/** Mean and variance of an output of a layer, sum of weights times inputs. */
export function outputMoments(
  { columns, mean, covariance }: Moments,
  weights: Float64Array,
): { mean: number; variance: number } {
  let m = 0;
  let v = 0;
  for (let i = 0; i < columns; i++) {
    const w = weights[i]!;
    if (w === 0) continue;
    m += w * mean[i]!;
    let sum = 0;
    for (let j = 0; j < i; j++) sum += covariance[i * columns + j]! * weights[j]!;
    v += w * (2 * sum + covariance[i * columns + i]! * w);
  }
  return { mean: m, variance: v };
}
