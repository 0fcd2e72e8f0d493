const LEAST_SIGMA = 1e-3;

/** How sigma follows the gap between the soft and the hard loss. */
export interface GapControl {
  /** K_G: sigma per unit of the error, at every measurement. */
  gain: number;
  /** T: steps after which the gap is to have halved. */
  halving: number;
  /** Steps between two measurements. */
  every: number;
}

/** Where gap control stands; part of a checkpoint. */
export interface Annealing {
  sigma: number;
  /** gap(0); null before the first measurement. */
  firstGap: number | null;
}

/**
 * One step of the gap feedback of Agustsson et al. 2017: sigma(t + 1) = sigma(t) + K_G e_G(t) with
 * e_G(t) = gap(t) - T / (T + t) * gap(0). Where the hard loss stays above the soft one for longer
 * than planned, the assignment sharpens. Sigma stays above zero. The gap counts without its sign: a
 * soft assignment that is so wide that the hard one does better, too, has to sharpen.
 *
 * @param difference Hard minus soft loss at step t.
 */
export function followGap(
  { sigma, firstGap }: Annealing,
  difference: number,
  step: number,
  { gain, halving }: GapControl,
): Annealing {
  const gap = Math.abs(difference);
  const first = firstGap ?? gap;
  const error = gap - (halving / (halving + step)) * first;
  return { sigma: Math.max(LEAST_SIGMA, sigma + gain * error), firstGap: first };
}
