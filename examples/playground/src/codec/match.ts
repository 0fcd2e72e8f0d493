/** A file at a quality setting. */
export interface Matched {
  readonly quality: number;
  readonly file: Uint8Array<ArrayBuffer>;
  /** Time of the encode that made the file. */
  readonly encodeMs: number;
}

const TRIES_MAX = 6;
const TOLERANCE = 0.02;

/**
 * Looks for the quality whose file comes nearest to a size. Sizes grow about exponentially with the
 * quality, so each try is put where the line through the two nearest logarithms meets the goal.
 */
export async function matchSize(
  encode: (quality: number) => Promise<Uint8Array<ArrayBuffer>>,
  bytes: number,
): Promise<Matched> {
  const goal = Math.log(bytes);
  let low = { quality: 0, size: Number.NaN };
  let high = { quality: 100, size: Number.NaN };
  let next = 50;
  let best: Matched | undefined;
  const distance = (file: Uint8Array): number => Math.abs(Math.log(file.length) - goal);

  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const start = performance.now();
    const file = await encode(next);
    const encodeMs = performance.now() - start;
    if (!best || distance(file) < distance(best.file)) best = { quality: next, file, encodeMs };
    if (distance(file) <= TOLERANCE) break;

    const size = Math.log(file.length);
    if (size < goal) low = { quality: next, size };
    else high = { quality: next, size };
    if (high.quality - low.quality <= 1 && !(Number.isNaN(low.size) && next > 0)) break;
    const share = (goal - low.size) / (high.size - low.size);
    const between = Number.isNaN(share) ? 0.5 : Math.min(0.9, Math.max(0.1, share));
    next = Math.round(low.quality + between * (high.quality - low.quality));
    if (next === low.quality || next === high.quality) break;
  }
  return best!;
}
