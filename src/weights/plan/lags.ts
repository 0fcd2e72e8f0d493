/** Correlation is measured piece by piece: its sign may change along a tensor. */
const PIECE = 512;
const NEAR = 1024;
const COUNT = 24;
const VALUE_MAX = 1023;

/**
 * Distances at which elements resemble each other most, or are each other's opposite most, the
 * strongest first.
 */
export function strongLags(sequence: Int32Array, row: number): number[] {
  const x = sequence.map((value) => Math.max(-VALUE_MAX, Math.min(VALUE_MAX, value)));
  if (x.length < 4 * PIECE) return [];
  const near = Math.min(NEAR, x.length >> 2);
  const lags = Array.from({ length: near }, (_, i) => i + 1);
  for (const rows of [1, 2, 3]) if (row * rows > near) lags.push(row * rows);
  const strength = lags.map((lag) => {
    let sum = 0;
    for (let start = lag; start + PIECE <= x.length; start += PIECE) {
      let piece = 0;
      for (let i = start; i < start + PIECE; i++) piece += x[i]! * x[i - lag]!;
      sum += Math.abs(piece);
    }
    return sum;
  });
  return lags
    .map((_, i) => i)
    .sort((a, b) => strength[b]! - strength[a]! || a - b)
    .slice(0, COUNT)
    .map((i) => lags[i]!);
}
