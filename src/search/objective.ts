import { QUALITY_MAX } from '../format/constants.js';

/** What a profile was trained to make small, bits + lambda * distortion, as the search sees it. */
export interface Objective {
  /** Weights of MS-SSIM's five scales, finest first, units of 2^-12; zeros leave it out. */
  readonly structure: readonly number[];
  /** Weight of the mean squared error on [0, 1]. */
  readonly mse: number;
  /** Lambda at quality 0, bits a pixel. */
  readonly lambda: number;
  /** Factor of lambda from a quality to the next. */
  readonly growth: number;
}

/** 1 - MS-SSIM + 10 MSE with lambda 1..64: growth is 64^(1/100). */
const MIXED: Objective = {
  structure: [184, 1170, 1229, 968, 546],
  mse: 10,
  lambda: 1,
  growth: 1.0424657608411214,
};

/** MSE with lambda 70..4500: growth is (4500 / 70)^(1/100). */
const SQUARED: Objective = {
  structure: [0, 0, 0, 0, 0],
  mse: 10,
  lambda: 7,
  growth: 1.0425121969525875,
};

/** MSE with lambda 100..3200: growth is 32^(1/100). */
const PAPER: Objective = { ...SQUARED, lambda: 10, growth: 1.0352649238413776 };

const OBJECTIVES: ReadonlyMap<string, Objective> = new Map([
  ['psnr', SQUARED],
  ['paper', PAPER],
]);

/** The objective of a profile, by its name; what is not known is taken for a mixed one. */
export function objectiveOf(profile: string): Objective {
  return OBJECTIVES.get(profile) ?? MIXED;
}

/** Lambda at a quality, by multiplication: the same on every machine. */
export function lambdaAt({ growth, lambda }: Objective, quality: number): number {
  let product = lambda;
  for (let q = 0; q < Math.min(quality, QUALITY_MAX); q++) product *= growth;
  return product;
}
