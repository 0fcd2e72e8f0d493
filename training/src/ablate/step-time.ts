import { median } from '../../../bench/median.ts';
import type { Config } from '../config.ts';
import { cpuMilliseconds } from '../cpu-time.ts';
import type { ImageSet } from '../data/images.ts';
import { layoutOf } from '../model/parameters.ts';
import { Rng } from '../rng.ts';
import { startState } from '../start.ts';
import { trainStep } from '../trainer.ts';

const WARM_UP = 3;
/** Enough for a transform that only has to give steps their usual cost. */
const PATCHES = 4096;

/**
 * Median processor time of a step in milliseconds, all threads together, in the middle of a run.
 * Processor time, so that other work on the machine counts little.
 */
export function stepMilliseconds(config: Config, images: ImageSet, steps = 15): number {
  const layout = layoutOf(config.structure);
  const rng = new Rng(config.run.seed);
  const state = startState(config, layout, images, rng, PATCHES);
  const middle = Math.floor(config.run.totalSteps / 2);
  const times = Array.from({ length: WARM_UP + steps }, (_, i) =>
    cpuMilliseconds(() => trainStep(config, layout, state, middle + i, images, rng)),
  );
  return median(times.slice(WARM_UP));
}
