/** The encoder's effort, 0..9, as the price of a bit in the choice of symbols. */
export const EFFORT_MAX = 9;
export const EFFORT_DEFAULT = 5;

/**
 * In units of 2^-12 of the quantizer's squared unit. Theory for a uniform quantizer gives 473 a
 * squared unit; the best on Kodak is a third of it, since training has priced the bits in already.
 */
const LAMBDA = 150;

/** @param effort Integer, 0..EFFORT_MAX; 0 is the nearest center, all others search alike. */
export function lambdaOf(effort: number): number {
  return effort === 0 ? 0 : LAMBDA;
}
