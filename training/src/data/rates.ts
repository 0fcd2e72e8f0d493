import { QUALITY_MAX } from '../../../src/format/constants.ts';
import type { Run } from '../config.ts';
import type { Rng } from '../rng.ts';

/** The position among the training rates that a quality has: 0 at the lowest, rates - 1 at 100. */
export function rateOf(quality: number, rates: number): number {
  return (quality * (rates - 1)) / QUALITY_MAX;
}

/** The quality at a position among the training rates. */
export function qualityOf(rate: number, rates: number): number {
  return (QUALITY_MAX * rate) / Math.max(1, rates - 1);
}

/**
 * Draws the rate of a sample: one of the training rates or, with `betweenRates`, the position of any
 * quality among them. Nearly all files lie between, at gains that no step has seen otherwise.
 */
export function drawRate({ betweenRates }: Run, rates: number, rng: Rng): number {
  if (!betweenRates || rates === 1) return rng.below(rates);
  // As often at each end as next to it.
  const quality = Math.floor(rng.uniform() * (QUALITY_MAX + 1));
  return rateOf(Math.min(quality, QUALITY_MAX), rates);
}
