import { Scratch } from '../kernels.ts';

/** Numbers that go through the kernels at a time: two runs of them stay in the cache. */
const CHUNK = 16384;

/** Calls `f` with parts of two vectors of one length. */
function chunks(
  a: Float32Array,
  b: Float32Array,
  f: (a: Float32Array, b: Float32Array) => void,
): void {
  for (let from = 0; from < a.length; from += CHUNK) {
    f(a.subarray(from, from + CHUNK), b.subarray(from, from + CHUNK));
  }
}

/** Sum of v^2, in double precision. */
export function sumOfSquares(v: Float32Array): number {
  let sum = 0;
  chunks(v, v, (part) => {
    const scratch = new Scratch();
    sum += scratch.kernels.sumOfSquares(scratch.put(part), part.length);
  });
  return sum;
}

/**
 * Muon's momentum, m += (1 - keep) * (g - m) with g = scale * gradient, and the direction with
 * Nesterov's mix, g + keep * (m - g), which is written to `direction`.
 */
export function accumulate(
  momentum: Float32Array,
  gradient: Float32Array,
  scale: number,
  keep: number,
  direction: Float32Array,
): void {
  direction.set(gradient);
  chunks(momentum, direction, (m, d) => {
    const scratch = new Scratch();
    const [atM, atD] = [scratch.put(m), scratch.put(d)];
    scratch.kernels.accumulate(atM, atD, m.length, scale, keep);
    scratch.take(atM, m);
    scratch.take(atD, d);
  });
}

/** average += share * (target - average). */
export function follow(average: Float32Array, target: Float32Array, share: number): void {
  chunks(average, target, (a, t) => {
    const scratch = new Scratch();
    const at = scratch.put(a);
    scratch.kernels.follow(at, scratch.put(t), a.length, share);
    scratch.take(at, a);
  });
}

/** weights -= rate * direction. */
export function move(weights: Float32Array, direction: Float32Array, rate: number): void {
  chunks(weights, direction, (w, d) => {
    const scratch = new Scratch();
    const at = scratch.put(w);
    scratch.kernels.move(at, scratch.put(d), w.length, rate);
    scratch.take(at, w);
  });
}
