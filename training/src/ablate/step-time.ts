import { type Config, strideOf } from '../config.ts';
import type { ImageSet } from '../data/images.ts';
import { kltOf } from '../data/klt.ts';
import { initialize } from '../model/initialize.ts';
import { layoutOf } from '../model/parameters.ts';
import { freshState } from '../optim/optimizer.ts';
import { startCenters } from '../quantizer/start.ts';
import { Rng } from '../rng.ts';
import { trainStep } from '../trainer.ts';

const WARM_UP = 3;

/**
 * Median processor time of a step in milliseconds, all threads together, in the middle of a run.
 * Processor time, so that other work on the machine counts little.
 */
export function stepMilliseconds(config: Config, images: ImageSet, steps = 15): number {
  const { run, structure } = config;
  const layout = layoutOf(structure);
  const rng = new Rng(run.seed);
  const weights = initialize(layout, structure, kltOf(images, 4096, rng, strideOf(structure)), rng);
  startCenters(config, layout, weights, images, rng);
  const state = freshState(weights, run.sigmaStart);
  const middle = Math.floor(run.totalSteps / 2);
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + steps; i++) {
    const start = process.cpuUsage();
    trainStep(config, layout, state, middle + i, images, rng);
    const { user, system } = process.cpuUsage(start);
    if (i >= WARM_UP) times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[steps >> 1];
}
