import type { Config } from '../config.ts';
import type { ImageSet } from '../data/images.ts';
import { lambdaOf } from '../loss/loss.ts';
import { Rng } from '../rng.ts';
import type { Probing } from './sensitivity.ts';

const BATCHES = 6;

/** How a profile's sensitivity is measured: on crops and prices as it was trained with. */
export function probingOf({ run, structure }: Config, images: ImageSet): Omit<Probing, 'model'> {
  const { rates } = structure;
  const mse = run.mseShare >= 1;
  const ends = mse ? run.mseLambda : run.mixedLambda;
  return {
    images,
    batches: BATCHES,
    batch: run.batch,
    crop: run.crop,
    rng: new Rng(run.seed),
    lambdas: Array.from({ length: rates }, (_, i) => lambdaOf(ends, i, rates)),
    weights: mse ? { similarity: 0, mse: 1 } : { similarity: 1, mse: run.mixedMse },
  };
}
