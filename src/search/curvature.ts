/** How strongly the distortion curves along each coefficient of a latent: its diagonal, nearly. */
export interface Curvature {
  /** [channels]: the mean over the positions, in units of `sample`. */
  readonly channels: Float64Array;
  /** [positions]: relative to that. */
  readonly positions: Float64Array;
}

/** Positions that the mean of all channels counts as, so that small pictures have sound values. */
const PRIOR = 32;
/** The least a channel or a position counts, as a part of the mean. */
const LEAST = 1 / 16;

/**
 * A product of a factor a channel and a factor a position, fitted to samples of the diagonal
 * (Bekas, Kokiopoulou and Saad 2007: signs times what the Hessian makes of random signs). Single
 * samples are noisy; the means over positions, over channels and 3x3 neighbours are not.
 *
 * @param sample Sample of coefficient i, [rows][columns][channels].
 */
export function fitCurvature(
  sample: (i: number) => number,
  columns: number,
  rows: number,
  channels: number,
): Curvature {
  const count = columns * rows;
  const byChannel = new Float64Array(channels);
  const byPosition = new Float64Array(count);
  for (let p = 0, i = 0; p < count; p++) {
    for (let c = 0; c < channels; c++, i++) {
      const s = sample(i);
      byChannel[c]! += s;
      byPosition[p]! += s;
    }
  }
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += byChannel[c]!;
  const mean = Math.max(sum / (count * channels), 1);
  for (let c = 0; c < channels; c++) {
    const shrunk = (byChannel[c]! + PRIOR * mean) / (count + PRIOR);
    byChannel[c] = Math.max(shrunk, LEAST * mean);
  }
  const positions = new Float64Array(count);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let total = 2 * byPosition[y * columns + x]!;
      let weight = 2;
      for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++) {
          total += byPosition[v * columns + u]!;
          weight++;
        }
      }
      positions[y * columns + x] = Math.max(total / (weight * channels * mean), LEAST);
    }
  }
  return { channels: byChannel, positions };
}
