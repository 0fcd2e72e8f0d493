/** Loops over many weights; f32 [count] each, any count. */

/** Sum of v^2. */
export function sumOfSquares(v: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(v + (<usize>i << 2));
    const a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sums = f64x2.add(low, high);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < count; i++) {
    const x = <f64>load<f32>(v + (<usize>i << 2));
    sum += x * x;
  }
  return sum;
}

/**
 * Momentum and Nesterov's mix of it with the gradient, for g = scale * gradient: m += (1 - keep) *
 * (g - m), and, in place of the gradient, g + keep * (m - g).
 */
export function accumulate(
  momentum: usize,
  gradient: usize,
  count: i32,
  scale: f32,
  keep: f32,
): void {
  const s = f32x4.splat(scale);
  const k = f32x4.splat(keep);
  const share = f32x4.splat(1 - keep);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = <usize>i << 2;
    const g = f32x4.mul(s, v128.load(gradient + at));
    let m = v128.load(momentum + at);
    m = f32x4.add(m, f32x4.mul(share, f32x4.sub(g, m)));
    v128.store(momentum + at, m);
    v128.store(gradient + at, f32x4.add(g, f32x4.mul(k, f32x4.sub(m, g))));
  }
  for (; i < count; i++) {
    const at = <usize>i << 2;
    const g = scale * load<f32>(gradient + at);
    let m = load<f32>(momentum + at);
    m += (1 - keep) * (g - m);
    store<f32>(momentum + at, m);
    store<f32>(gradient + at, g + keep * (m - g));
  }
}

/** values += share * (target - values). */
export function follow(values: usize, target: usize, count: i32, share: f32): void {
  const s = f32x4.splat(share);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = <usize>i << 2;
    const v = v128.load(values + at);
    v128.store(values + at, f32x4.add(v, f32x4.mul(s, f32x4.sub(v128.load(target + at), v))));
  }
  for (; i < count; i++) {
    const at = <usize>i << 2;
    const v = load<f32>(values + at);
    store<f32>(values + at, v + share * (load<f32>(target + at) - v));
  }
}

/** values -= rate * direction. */
export function move(values: usize, direction: usize, count: i32, rate: f32): void {
  const r = f32x4.splat(rate);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = <usize>i << 2;
    const step = f32x4.mul(r, v128.load(direction + at));
    v128.store(values + at, f32x4.sub(v128.load(values + at), step));
  }
  for (; i < count; i++) {
    const at = <usize>i << 2;
    store<f32>(values + at, load<f32>(values + at) - rate * load<f32>(direction + at));
  }
}
