import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Sizes of a profile's networks, in channels; everything that decides the weights' shapes. */
export interface Structure {
  /** Channels C of the latent at 1/16 of the picture's sides. */
  channels: number;
  /** Channels of one context group; divides `channels`. */
  groupSize: number;
  /** Number L of scalar centers; odd. */
  centers: number;
  /** Spacings next to zero that start at 1; the others grow linearly to `outerSpacing`. */
  flatCenters: number;
  outerSpacing: number;
  /** Number of training rates, and the gains of the lowest and the highest of them. */
  rates: number;
  gainLow: number;
  gainHigh: number;
  /** Widths at 1/4, 1/8 and 1/16, with the inner width of the residual blocks there. */
  analysis: { width: number[]; inner: number[]; deepBlocks: number };
  synthesis: { width: number; inner: number; blocks: number; half: number; quarter: number };
  context: { hidden: number; groupHidden: number };
}

/** One training run. All schedules count optimizer steps. */
export interface Run {
  seed: number;
  totalSteps: number;
  batch: number;
  /** Side of the square crops in pixels; a multiple of 16, and 176 or more for MS-SSIM. */
  crop: number;
  learningRate: number;
  warmupSteps: number;
  /** Share of the run before the cosine begins, and the learning rate's share at its end. */
  constantShare: number;
  finalShare: number;
  sigmaStart: number;
  sigmaEnd: number;
  /** Share of the run that is trained on MSE alone. */
  mseShare: number;
  mseLambda: [number, number];
  mixedLambda: [number, number];
  /** Weight of MSE beside 1 - MS-SSIM. */
  mixedMse: number;
  clipMse: number;
  clipMixed: number;
  emaDecay: number;
  /** Share of the run, at its end, that re-fits synthesis and context on the hard index. */
  refitShare: number;
  refitLearningRate: number;
  kltPatches: number;
}

export interface Config {
  profile: string;
  structure: Structure;
  run: Run;
}

/** Reads configs/<profile>.json. Throws with the reason where a size does not fit. */
export function loadConfig(root: string, profile: string): Config {
  const path = resolve(root, 'configs', `${profile}.json`);
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  const { channels, groupSize, centers } = config.structure;
  if (channels % groupSize !== 0) throw new Error(`${path}: channels % groupSize != 0`);
  if (centers % 2 !== 1) throw new Error(`${path}: the number of centers must be odd`);
  if (config.run.crop % 16 !== 0) throw new Error(`${path}: crop must be a multiple of 16`);
  return config;
}
