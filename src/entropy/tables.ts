/**
 * The integer tables that both sides of the codec read (docs/format.md, sections 4 and 6). They are
 * made with additions, multiplications, divisions and square roots only, which IEEE 754 rounds the
 * same way on every machine; `test/entropy` pins their checksums.
 */

/** Taylor series of exp(x) for |x| <= 1/2, terms to beyond double precision. */
function expSmall(x: number): number {
  let sum = 1;
  let term = 1;
  for (let n = 1; n <= 20; n++) {
    term = (term * x) / n;
    sum += term;
  }
  return sum;
}

/** exp(x) for |x| <= 16, by squaring. */
function exp(x: number): number {
  let y = expSmall(x / 32);
  for (let n = 0; n < 5; n++) y *= y;
  return y;
}

/** EXP2[j] = round(2^(j/256) * 2^14), j in 0..255. */
export const EXP2: Uint16Array = Uint16Array.from({ length: 256 }, (_, j) =>
  Math.floor(exp((j / 256) * 0.6931471805599453) * 16384 + 0.5),
);

/** Cumulative counts of the logistic distribution at t = -14, -14 + 1/8, ... 14, and one more. */
export const LOGISTIC: Uint32Array = Uint32Array.from({ length: 226 }, (_, i) => {
  const total = (1 << 20) - 64;
  if (i === 0) return 0;
  if (i >= 224) return total;
  return Math.floor(total / (1 + exp((112 - i) / 8)) + 0.5);
});

/** 2^(1/2 - r/4) * 2^12 for r = 0..3. */
export const SCALE_MANTISSA: Uint16Array = Uint16Array.of(5793, 4871, 4096, 3444);
