import { type Config, strideOf } from './config.ts';
import type { ImageSet } from './data/images.ts';
import { kltOf } from './data/klt.ts';
import { initialize } from './model/initialize.ts';
import type { Layout } from './model/parameters.ts';
import { restartAnalysis } from './model/restart.ts';
import { freshState, type OptimizerState } from './optim/optimizer.ts';
import { startCenters } from './quantizer/start.ts';
import type { Rng } from './rng.ts';

/**
 * Where a run begins: the Karhunen-Loeve transform of the pictures, centers where their latents
 * are, and an analysis with all units on at half of the positions.
 *
 * @param patches What the transform is estimated from.
 */
export function startState(
  config: Config,
  layout: Layout,
  images: ImageSet,
  rng: Rng,
  patches = config.run.kltPatches,
): OptimizerState {
  const { structure, run } = config;
  const klt = kltOf(images, patches, rng, strideOf(structure));
  const weights = initialize(layout, structure, klt, rng);
  startCenters(config, layout, weights, images, rng);
  const state = freshState(weights, run.sigmaStart);
  if (!structure.compressive) restartAnalysis(config, layout, state, images, rng);
  return state;
}
