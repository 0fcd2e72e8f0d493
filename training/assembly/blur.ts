/** Taps of the symmetric window; the middle one is number 5. */
export const REACH = 10;

/** Four sums of 11 symmetric taps over the vectors at `at`, `at + step`, ... */
// @ts-ignore: decorator
@inline
function sum11(
  at: usize,
  step: usize,
  g0: v128,
  g1: v128,
  g2: v128,
  g3: v128,
  g4: v128,
  g5: v128,
): v128 {
  const far = at + 10 * step;
  let sum = f32x4.mul(g5, v128.load(at + 5 * step));
  sum = f32x4.add(sum, f32x4.mul(g4, f32x4.add(v128.load(at + 4 * step), v128.load(far - 4 * step))));
  sum = f32x4.add(sum, f32x4.mul(g3, f32x4.add(v128.load(at + 3 * step), v128.load(far - 3 * step))));
  sum = f32x4.add(sum, f32x4.mul(g2, f32x4.add(v128.load(at + 2 * step), v128.load(far - 2 * step))));
  sum = f32x4.add(sum, f32x4.mul(g1, f32x4.add(v128.load(at + step), v128.load(far - step))));
  return f32x4.add(sum, f32x4.mul(g0, f32x4.add(v128.load(at), v128.load(far))));
}

/**
 * One row of the valid 11 x 11 filter.
 *
 * @param from f32, first of the 11 rows that are read, `stride` bytes apart.
 * @param columns Width of the output; 4 at a time are written, so up to 3 more.
 * @param taps f32 [6], the first half of the window and its middle.
 * @param row f32 [columns + 16], scratch.
 * @param to f32, written.
 */
export function blurRow(
  from: usize,
  stride: usize,
  columns: i32,
  taps: usize,
  row: usize,
  to: usize,
): void {
  const g0 = v128.load32_splat(taps);
  const g1 = v128.load32_splat(taps, 4);
  const g2 = v128.load32_splat(taps, 8);
  const g3 = v128.load32_splat(taps, 12);
  const g4 = v128.load32_splat(taps, 16);
  const g5 = v128.load32_splat(taps, 20);
  const outputs = ((columns + 3) & ~3) << 2;
  const inputs = outputs + (REACH << 2);
  for (let x: usize = 0; x < <usize>inputs; x += 16) {
    v128.store(row + x, sum11(from + x, stride, g0, g1, g2, g3, g4, g5));
  }
  for (let x: usize = 0; x < <usize>outputs; x += 16) {
    v128.store(to + x, sum11(row + x, 4, g0, g1, g2, g3, g4, g5));
  }
}
