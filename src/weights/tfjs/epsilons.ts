import { KERAS } from '../compress/normalization-names.js';
import { modelsIn, nameOf } from './topology.js';

/**
 * What each batch normalization of a tfjs layers model adds to its variance, by the variance's name,
 * wherever it stands in the model.
 *
 * @param metadata Of a network, as `fromTfjs` reads it, or any other text.
 */
export function epsilonsIn(metadata: string): Map<string, number> {
  const epsilons = new Map<string, number>();
  for (const layer of modelsIn(metadata).flatMap(({ layers }) => layers)) {
    const epsilon = layer.config?.epsilon;
    if (layer.class_name !== 'BatchNormalization' || typeof epsilon !== 'number') continue;
    epsilons.set(nameOf(layer) + KERAS.variance, epsilon);
  }
  return epsilons;
}
