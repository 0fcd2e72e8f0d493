/**
 * Inner products of rows, in float32 in four lanes: what src/weights/compress/products/reference.ts
 * means, to the bit.
 */

/** Adds the four lanes, in double precision, to a sum. */
// @ts-ignore: decorator
@inline
function addLanes(sum: usize, p: f32, q: f32, r: f32, s: f32): void {
  store<f64>(sum, load<f64>(sum) + (<f64>p + <f64>q + (<f64>r + <f64>s)));
}

// @ts-ignore: decorator
@inline
function addVector(sum: usize, lanes: v128): void {
  addLanes(
    sum,
    f32x4.extract_lane(lanes, 0),
    f32x4.extract_lane(lanes, 1),
    f32x4.extract_lane(lanes, 2),
    f32x4.extract_lane(lanes, 3),
  );
}

// @ts-ignore: decorator
@inline
function multiplyAdd(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

/** Four rows of one matrix with two of the other: six loads for eight products of vectors. */
// @ts-ignore: decorator
@inline
function addBlock(a: usize, b: usize, row: usize, sums: usize, stride: usize): void {
  let a0b0 = f32x4.splat(0);
  let a0b1 = f32x4.splat(0);
  let a1b0 = f32x4.splat(0);
  let a1b1 = f32x4.splat(0);
  let a2b0 = f32x4.splat(0);
  let a2b1 = f32x4.splat(0);
  let a3b0 = f32x4.splat(0);
  let a3b1 = f32x4.splat(0);
  for (const end = a + row; a < end; a += 16) {
    const x = v128.load(b);
    const y = v128.load(b + row);
    const p = v128.load(a);
    const q = v128.load(a + row);
    a0b0 = multiplyAdd(a0b0, p, x);
    a0b1 = multiplyAdd(a0b1, p, y);
    a1b0 = multiplyAdd(a1b0, q, x);
    a1b1 = multiplyAdd(a1b1, q, y);
    const r = v128.load(a + 2 * row);
    const s = v128.load(a + 3 * row);
    a2b0 = multiplyAdd(a2b0, r, x);
    a2b1 = multiplyAdd(a2b1, r, y);
    a3b0 = multiplyAdd(a3b0, s, x);
    a3b1 = multiplyAdd(a3b1, s, y);
    b += 16;
  }
  addVector(sums, a0b0);
  addVector(sums + 8, a0b1);
  addVector(sums + stride, a1b0);
  addVector(sums + stride + 8, a1b1);
  addVector(sums + 2 * stride, a2b0);
  addVector(sums + 2 * stride + 8, a2b1);
  addVector(sums + 3 * stride, a3b0);
  addVector(sums + 3 * stride + 8, a3b1);
}

/** The same without SIMD, row by row. */
// @ts-ignore: decorator
@inline
function addRows(a: usize, b: usize, row: usize, sum: usize): void {
  let p: f32 = 0;
  let q: f32 = 0;
  let r: f32 = 0;
  let s: f32 = 0;
  for (const end = a + row; a < end; a += 16) {
    p += load<f32>(a) * load<f32>(b);
    q += load<f32>(a, 4) * load<f32>(b, 4);
    r += load<f32>(a, 8) * load<f32>(b, 8);
    s += load<f32>(a, 12) * load<f32>(b, 12);
    b += 16;
  }
  addLanes(sum, p, q, r, s);
}

/**
 * Adds the inner product of each row of a matrix with each row of another.
 *
 * @param a f32 [aRows][length], aRows a multiple of four.
 * @param b f32 [bRows][length], bRows a multiple of two.
 * @param length A multiple of four.
 * @param sums f64 [aRows][bRows]
 * @param lower Whether rows of b are left out that lie behind the four rows of a.
 */
export function addProducts(
  a: usize,
  aRows: i32,
  b: usize,
  bRows: i32,
  length: i32,
  sums: usize,
  lower: bool,
): void {
  const row = <usize>length << 2;
  const stride = <usize>bRows << 3;
  for (let i = 0; i < aRows; i += 4) {
    const end = lower ? min(bRows, i + 4) : bRows;
    for (let j = 0; j < end; j += 2) {
      const x = a + <usize>i * row;
      const y = b + <usize>j * row;
      const sum = sums + <usize>i * stride + (<usize>j << 3);
      if (ASC_FEATURE_SIMD) addBlock(x, y, row, sum, stride);
      else {
        for (let k: usize = 0; k < 4; k++) {
          addRows(x + k * row, y, row, sum + k * stride);
          addRows(x + k * row, y + row, row, sum + k * stride + 8);
        }
      }
    }
  }
}
