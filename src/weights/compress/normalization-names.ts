import type { NamedTensors } from './network.js';
import type { FoldedNormalization } from './normalization.js';

type Found = FoldedNormalization['normalization'];

/** How a framework names a batch normalization's tensors, and what it adds to variances by default. */
interface Naming {
  readonly variance: string;
  readonly mean: string;
  readonly scale: string;
  readonly shift: string;
  readonly epsilon: number;
}

const NAMINGS: readonly Naming[] = [
  // PyTorch
  {
    variance: '.running_var',
    mean: '.running_mean',
    scale: '.weight',
    shift: '.bias',
    epsilon: 1e-5,
  },
  // Keras
  {
    variance: '/moving_variance',
    mean: '/moving_mean',
    scale: '/gamma',
    shift: '/beta',
    epsilon: 1e-3,
  },
];

/** Whether a normalization by these four vectors is one that can be computed. */
function isSound(tensors: NamedTensors, normalization: Found): boolean {
  const { scale, shift, mean, variance, epsilon = 0 } = normalization;
  const parts = [scale, shift, mean, variance].map((name) => tensors.get(name));
  const size = parts[0]?.data.length;
  return (
    parts.every(
      (part) =>
        part?.shape.length === 1 && part.data.length === size && part.data.every(Number.isFinite),
    ) && tensors.get(variance)!.data.every((v) => v + epsilon > 0)
  );
}

/**
 * The batch normalizations that names tell of: a variance beside a mean, a scale and a shift. Which
 * weights each follows they do not tell.
 *
 * @param epsilon What the network adds to variances. Default: what the framework of the names does.
 */
export function normalizationsByName(tensors: NamedTensors, epsilon?: number): Found[] {
  const found: Found[] = [];
  for (const name of tensors.keys()) {
    const naming = NAMINGS.find(({ variance }) => name.endsWith(variance));
    if (!naming) continue;
    const stem = name.slice(0, -naming.variance.length);
    const normalization = {
      scale: stem + naming.scale,
      shift: stem + naming.shift,
      mean: stem + naming.mean,
      variance: name,
      epsilon: epsilon ?? naming.epsilon,
    };
    if (isSound(tensors, normalization)) found.push(normalization);
  }
  return found;
}
