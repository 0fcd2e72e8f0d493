/**
 * Logarithm and exponential by additions, multiplications and divisions alone, which IEEE 754 fixes
 * to the last bit: Math.log and Math.exp may differ between engines, and a compressed file must not.
 */

/** log2(x) for x >= 0, to 12 digits or better. */
export function log2(x: number): number {
  if (x === 0) return -Infinity;
  if (x === Infinity) return x;
  let exponent = 0;
  let m = x;
  while (m >= 1.5) {
    m *= 0.5;
    exponent++;
  }
  while (m < 0.75) {
    m *= 2;
    exponent--;
  }
  // ln(m) = 2 artanh((m - 1) / (m + 1)), |argument| <= 1/5.
  const t = (m - 1) / (m + 1);
  const s = t * t;
  let sum = 0;
  for (let n = 17; n >= 1; n -= 2) sum = sum * s + 1 / n;
  return exponent + 2 * t * sum * Math.LOG2E;
}

/** 2^x for |x| < 1000, to 12 digits or better. */
export function exp2(x: number): number {
  const whole = Math.round(x);
  const y = (x - whole) * Math.LN2;
  let sum = 1;
  for (let n = 12; n >= 1; n--) sum = 1 + (sum * y) / n;
  let scale = 1;
  for (let n = Math.abs(whole); n > 0; n--) scale *= 2;
  return whole < 0 ? sum / scale : sum * scale;
}

/** NaN where there are no values. */
export function rootMeanSquare(values: Float32Array | Float64Array): number {
  let squares = 0;
  for (const x of values) squares += x * x;
  return Math.sqrt(squares / values.length);
}
