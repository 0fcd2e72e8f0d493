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

const PYTORCH: Naming = {
  variance: '.running_var',
  mean: '.running_mean',
  scale: '.weight',
  shift: '.bias',
  epsilon: 1e-5,
};

export const KERAS: Naming = {
  variance: '/moving_variance',
  mean: '/moving_mean',
  scale: '/gamma',
  shift: '/beta',
  epsilon: 1e-3,
};

/** The normalization of a name, with the framework's epsilon. */
export function normalizationNamed(stem: string, naming: Naming): Found & { epsilon: number } {
  return {
    scale: stem + naming.scale,
    shift: stem + naming.shift,
    mean: stem + naming.mean,
    variance: stem + naming.variance,
    epsilon: naming.epsilon,
  };
}

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
 * Whether a tensor is a normalization's mean or variance by its name. One step does not suit them: an
 * output of small variance bears less error than others.
 */
export function isStatistic(name: string): boolean {
  return /(moving|running)_(mean|var|variance)$/.test(name);
}

/**
 * The batch normalizations that names tell of: a variance beside a mean, a scale and a shift. Which
 * weights each follows they do not tell.
 *
 * @param told What the network adds to a variance, by the variance's name.
 * @param epsilon What it adds to others. Default: what the framework of the names does.
 */
export function normalizationsByName(
  tensors: NamedTensors,
  told: ReadonlyMap<string, number>,
  epsilon?: number,
): Found[] {
  const found: Found[] = [];
  for (const name of tensors.keys()) {
    const naming = [PYTORCH, KERAS].find(({ variance }) => name.endsWith(variance));
    if (!naming) continue;
    const named = normalizationNamed(name.slice(0, -naming.variance.length), naming);
    const normalization = { ...named, epsilon: told.get(name) ?? epsilon ?? naming.epsilon };
    if (isSound(tensors, normalization)) found.push(normalization);
  }
  return found;
}
