import type { Run } from '../config.ts';
import type { Distortion } from '../loss/loss.ts';

export interface Schedule {
  phase: 'mse' | 'mixed' | 'refit';
  distortion: Distortion;
  learningRate: number;
  sigma: number;
  clip: number;
}

/** First step of the last phase, in which analysis, encoder gains and centers stand still. */
export function refitStart(run: Run): number {
  return Math.round(run.totalSteps * (1 - run.refitShare));
}

/** Everything that changes over a run, as a function of the step alone (0-based). */
export function scheduleAt(run: Run, step: number): Schedule {
  const start = refitStart(run);
  const isMse = step < run.mseShare * run.totalSteps || run.mseShare >= 1;
  const distortion: Distortion = isMse ? 'mse' : 'mixed';
  const clip = isMse ? run.clipMse : run.clipMixed;
  if (step >= start) {
    const t = (step - start) / Math.max(1, run.totalSteps - start);
    const learningRate = run.refitLearningRate * cosine(t, run.finalShare);
    return { phase: 'refit', distortion, learningRate, sigma: Number.POSITIVE_INFINITY, clip };
  }
  const t = step / start;
  const decay =
    t < run.constantShare
      ? 1
      : cosine((t - run.constantShare) / (1 - run.constantShare), run.finalShare);
  const warmup = Math.min(1, (step + 1) / run.warmupSteps);
  const sigma = run.sigmaStart * (run.sigmaEnd / run.sigmaStart) ** t;
  return {
    phase: distortion,
    distortion,
    learningRate: run.learningRate * decay * warmup,
    sigma,
    clip,
  };
}

/** Falls from 1 to `end` as t goes from 0 to 1. */
export function cosine(t: number, end: number): number {
  return end + (1 - end) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, t)));
}
