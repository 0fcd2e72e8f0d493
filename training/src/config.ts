import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GapControl } from './quantizer/anneal.ts';
import type { Forward, Patch } from './quantizer/quantizer.ts';

/** Sizes of a profile's networks, in channels; everything that decides the weights' shapes. */
export interface Structure {
  /** Channels C of the latent at 1/16 of the picture's sides, or at 1/8: see `compressive`. */
  channels: number;
  /** Channels of one context group; divides `channels`. */
  groupSize: number;
  /**
   * Patches of a channel that are quantized together, to `centers` points of that dimension; their
   * rate is that of a histogram. Without it: scalars, and a context model.
   */
  vector?: Patch;
  /** Number L of centers; odd for scalars, which are symmetric about zero. */
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
  /**
   * In place of both: a compressive autoencoder, whose latent lies at 1/8. Widths at 1/2 and 1/4,
   * and the residual blocks at 1/4 with their inner width.
   */
  compressive?: { half: number; quarter: number; inner: number; blocks: number };
  context: { hidden: number; groupHidden: number };
}

/** Pixels a position of the latent, in each direction. */
export function strideOf({ compressive }: Structure): 8 | 16 {
  return compressive ? 8 : 16;
}

/** One training run. All schedules count optimizer steps. */
export interface Run {
  seed: number;
  totalSteps: number;
  batch: number;
  /** Side of the square crops in pixels; a multiple of 16, and 176 or more for MS-SSIM. */
  crop: number;
  /** Share of the crops that are painted, which teaches pure colours; default 0. */
  painted?: number;
  learningRate: number;
  /** Factor on it for the analysis but its shortcut; default 1. Steps too long turn its units off. */
  analysisRate?: number;
  /** Trains at all qualities, not at the training rates alone, between which gains are linear. */
  betweenRates?: boolean;
  warmupSteps: number;
  /** Share of the run before the cosine begins, and the learning rate's share at its end. */
  constantShare: number;
  finalShare: number;
  /** What goes forward in training; default 'hard'. */
  forward?: Forward;
  /** Tensors that stay at their start. */
  fixed?: string[];
  /** Steers sigma from `sigmaStart` on by the gap, in place of the geometric way to `sigmaEnd`. */
  gap?: GapControl;
  sigmaStart: number;
  sigmaEnd: number;
  /** Share of the run that is trained on MSE alone. */
  mseShare: number;
  mseLambda: [number, number];
  mixedLambda: [number, number];
  /** Weight of MSE beside 1 - MS-SSIM. */
  mixedMse: number;
  /** Weight of visible edges of 16x16 blocks beside both; 0 without. */
  seams?: number;
  /** The same beside MSE where that stands alone. */
  mseSeams?: number;
  clipMse: number;
  clipMixed: number;
  emaDecay: number;
  /** Share of the run, at its end, that re-fits synthesis and context on the hard index. */
  refitShare: number;
  refitLearningRate: number;
  /**
   * Re-fits on what the encoder's search finds in so many crops, at an effort of the SDK's, in place
   * of nearest centers.
   */
  refitSearch?: { crops: number; effort: number } | null;
  kltPatches: number;
  /** For comparison, not for users: the run ends with its float model. */
  draft?: boolean;
}

export interface Config {
  profile: string;
  structure: Structure;
  run: Run;
}

/** A file of configs/: complete, or another profile's with some entries changed. */
interface ConfigFile {
  profile: string;
  extends?: string;
  structure?: Partial<Structure>;
  run?: Partial<Run>;
}

function read(root: string, profile: string): Config {
  const path = resolve(root, 'configs', `${profile}.json`);
  const file = JSON.parse(readFileSync(path, 'utf8')) as ConfigFile;
  const base = file.extends ? read(root, file.extends) : undefined;
  return {
    profile: file.profile,
    structure: { ...base?.structure, ...file.structure } as Structure,
    run: { ...base?.run, ...file.run } as Run,
  };
}

/** Reads configs/<profile>.json. Throws with the reason where a size does not fit. */
export function loadConfig(root: string, profile: string): Config {
  const config = read(root, profile);
  const fail = (reason: string): never => {
    throw new Error(`configs/${profile}.json: ${reason}`);
  };
  const { channels, groupSize, centers, vector } = config.structure;
  if (config.profile !== profile) fail(`says it is ${config.profile}`);
  if (!vector && channels % groupSize !== 0) fail('channels % groupSize != 0');
  if (!vector && centers % 2 !== 1) fail('the number of centers must be odd');
  if (config.run.crop % 16 !== 0) fail('crop must be a multiple of 16');
  if (config.run.forward === 'noise' && vector) fail('noise stands for scalars only');
  return config;
}
