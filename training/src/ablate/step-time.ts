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
 * Median processor time of a step in milliseconds, all threads together, in the middle of a run of
 * each config. Processor time, so that other work on the machine counts little; in turns, so that
 * what it still slows down it slows down for all.
 */
export function stepMilliseconds(configs: Config[], images: ImageSet, steps = 15): number[] {
  const runs = configs.map((config) => {
    const layout = layoutOf(config.structure);
    const rng = new Rng(config.run.seed);
    const state = startState(config, layout, images, rng, PATCHES);
    const middle = Math.floor(config.run.totalSteps / 2);
    const step = (i: number) =>
      cpuMilliseconds(() => trainStep(config, layout, state, middle + i, images, rng));
    return { step, times: [] as number[] };
  });
  for (let i = 0; i < WARM_UP + steps; i++) {
    for (const { step, times } of runs) times.push(step(i));
  }
  return runs.map(({ times }) => median(times.slice(WARM_UP)));
}
