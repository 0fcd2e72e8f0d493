import { LANES, mirrorLower, PIECE, type ProductEngine, type Rows } from './engine.js';

/** Inner product of some elements from two places on. */
function product(
  a: Float32Array,
  atA: number,
  b: Float32Array,
  atB: number,
  length: number,
): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  const whole = length - (length % LANES);
  for (let k = 0; k < whole; k += LANES) {
    p = Math.fround(p + Math.fround(a[atA + k]! * b[atB + k]!));
    q = Math.fround(q + Math.fround(a[atA + k + 1]! * b[atB + k + 1]!));
    r = Math.fround(r + Math.fround(a[atA + k + 2]! * b[atB + k + 2]!));
    s = Math.fround(s + Math.fround(a[atA + k + 3]! * b[atB + k + 3]!));
  }
  const rest = (k: number): number =>
    whole + k < length ? Math.fround(a[atA + whole + k]! * b[atB + whole + k]!) : 0;
  p = Math.fround(p + rest(0));
  q = Math.fround(q + rest(1));
  r = Math.fround(r + rest(2));
  return p + q + (r + s);
}

function multiply(a: Rows, b: Rows = a): Float64Array {
  const { length } = a;
  const lower = a === b;
  const out = new Float64Array(a.rows * b.rows);
  for (let start = 0; start < length; start += PIECE) {
    const count = Math.min(PIECE, length - start);
    for (let i = 0; i < a.rows; i++) {
      const end = lower ? i + 1 : b.rows;
      for (let j = 0; j < end; j++) {
        const at = i * b.rows + j;
        out[at] = out[at]! + product(a.data, i * length + start, b.data, j * length + start, count);
      }
    }
  }
  if (lower) mirrorLower(out, a.rows);
  return out;
}

/** Products in TypeScript. */
export const REFERENCE: ProductEngine = { build: 'reference', multiply };
