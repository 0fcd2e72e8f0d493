/** The encoder's effort. */
export const EFFORT_MAX = 9;
export const EFFORT_DEFAULT = 4;

/** How the symbols of a tile are chosen. */
export interface SearchPlan {
  /**
   * Price of a bit where there is no iteration (src/entropy/choice.ts). Theory for a uniform quantizer
   * gives 473 a squared unit; the best on Kodak is a third of it, since training has priced the bits
   * in already.
   */
  readonly price: number;
  /** Times that the tile is coded, synthesized and compared: src/search/refine.ts. */
  readonly iterations: number;
  /** Part of the way that the latent's target goes at the first iteration. */
  readonly step: number;
  /** Factor of the step from an iteration to the next. */
  readonly shrink: number;
}

const NEAREST: SearchPlan = { price: 0, iterations: 0, step: 0, shrink: 1 };
const PRICED: SearchPlan = { ...NEAREST, price: 150 };

const closedLoop = (iterations: number, step: number, shrink: number): SearchPlan => ({
  price: 0,
  iterations,
  step,
  shrink,
});

/** By effort. */
const PLANS: readonly SearchPlan[] = [
  NEAREST,
  PRICED,
  closedLoop(1, 0.4, 1),
  closedLoop(2, 0.35, 0.8),
  closedLoop(3, 0.3, 0.8),
  closedLoop(4, 0.3, 0.8),
  closedLoop(6, 0.3, 0.85),
  closedLoop(8, 0.25, 0.9),
  closedLoop(12, 0.25, 0.93),
  closedLoop(24, 0.2, 0.96),
];

/** @param effort Integer, 0..EFFORT_MAX. */
export function planOf(effort: number): SearchPlan {
  return PLANS[effort]!;
}
