/** Values and what a squared error in each costs. */
export interface Weighted {
  readonly values: Float64Array;
  readonly importance: Float64Array;
}

export interface Clustering {
  readonly centers: Float64Array;
  /** Index of a center for each value. */
  readonly assignment: Uint16Array;
}

const ROUNDS = 12;

/**
 * Lloyd's algorithm in one dimension, from evenly spaced centers (the linear start of Han et al.,
 * "Deep Compression", ICLR 2016), with a weight for each value (Choi et al., "Towards the Limit of
 * Network Quantization", ICLR 2017, section 3.3).
 *
 * @param lambda Price of a bit of entropy; above zero this is the entropy-constrained quantizer of
 *   the same paper, section 4.2 (Chou, Lookabaugh and Gray 1989).
 */
export function cluster({ values, importance }: Weighted, size: number, lambda = 0): Clustering {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  let centers = Float64Array.from(
    { length: size },
    (_, i) => low + ((high - low) * (i + 0.5)) / size,
  );
  let bits = new Float64Array(size).fill(Math.log2(size));
  const assignment = new Uint16Array(values.length);
  for (let round = 0; round < ROUNDS; round++) {
    const counts = new Float64Array(size);
    const weights = new Float64Array(size);
    const sums = new Float64Array(size);
    for (let i = 0; i < values.length; i++) {
      const h = importance[i]!;
      let best = 0;
      let least = Infinity;
      for (let j = 0; j < size; j++) {
        const cost = h * (values[i]! - centers[j]!) ** 2 + lambda * bits[j]!;
        if (cost >= least) continue;
        least = cost;
        best = j;
      }
      assignment[i] = best;
      counts[best] = counts[best]! + 1;
      weights[best] = weights[best]! + h;
      sums[best] = sums[best]! + h * values[i]!;
    }
    if (round === ROUNDS - 1) break;
    centers = centers.map((c, j) => (weights[j]! > 0 ? sums[j]! / weights[j]! : c));
    bits = counts.map((count) => -Math.log2((count + 1e-3) / values.length));
  }
  return { centers, assignment };
}
