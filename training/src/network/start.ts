import { assign } from '../quantizer/scalar.ts';
import { type CodedPart, type NetworkPlan, valueIn } from './plan.ts';

/** How far from its center a weight starts at most, in distances to the next; at 0.5 it would leave it. */
const REACH = 0.35;

/**
 * The flat vector of a network whose training has not begun. A weight starts where the float network
 * has it, at its row's scale, but near enough to its center to keep it: one that has been taken over a
 * boundary to save bits goes back for little gradient, and others do not for noise.
 *
 * @param float Values of the float network's tensors, by name.
 */
export function startOf(plan: NetworkPlan, float: ReadonlyMap<string, Float32Array>): Float32Array {
  const flat = new Float32Array(plan.size);
  for (const part of plan.parts) {
    if (part.kind === 'fixed') continue;
    const { name, indices, codebook } = part.tensor;
    const value = valueIn(codebook);
    if (part.kind === 'rounded') flat.set(Float32Array.from(indices, value), part.values.offset);
    else {
      const centers = Float32Array.from(indices, (i) => value(i) / part.spacing);
      flat.set(part.points, part.centers.offset);
      flat.set(nearCenters(centers, float.get(name) ?? centers, part), part.weights.offset);
    }
  }
  return flat;
}

/** A float network's weights, scaled row by row to meet their centers, within reach of these. */
function nearCenters(
  centers: Float32Array,
  float: Float32Array,
  { points, tensor }: CodedPart,
): Float32Array {
  const { nearest } = assign(centers, points, Number.POSITIVE_INFINITY);
  // Beyond the ends, as far as one center is from the next on average.
  const gap = (k: number) => (k >= 0 && k + 1 < points.length ? points[k + 1] - points[k] : 1);
  const columns = centers.length / tensor.shape[0];
  const weights = new Float32Array(centers.length);
  for (let start = 0; start < weights.length; start += columns) {
    let product = 0;
    let power = 0;
    for (let i = start; i < start + columns; i++) {
      product += centers[i] * float[i];
      power += float[i] ** 2;
    }
    const scale = power > 0 ? product / power : 0;
    for (let i = start; i < start + columns; i++) {
      const low = centers[i] - REACH * gap(nearest[i] - 1);
      const high = centers[i] + REACH * gap(nearest[i]);
      weights[i] = Math.max(low, Math.min(high, scale * float[i]));
    }
  }
  return weights;
}
