import {
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
} from '../tf.ts';

const TAPS = 11;
const SIGMA = 1.5;
const WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;
/** Below this a scale's mean counts as this much; it keeps the power's gradient finite. */
const SMALLEST = 1e-3;
/** Outputs of one block of the banded product: wider blocks multiply more zeros. */
const BLOCK = 64;

/** The normalized Gaussian window. */
export function gaussian(): Float64Array {
  const g = Float64Array.from({ length: TAPS }, (_, i) =>
    Math.exp(-((i - (TAPS - 1) / 2) ** 2) / (2 * SIGMA * SIGMA)),
  );
  const sum = g.reduce((a, b) => a + b, 0);
  return g.map((v) => v / sum);
}

/** Band matrix [n, n - 10] whose column j holds the window from row j on. */
function band(n: number): Tensor2D {
  const columns = n - TAPS + 1;
  const m = new Float32Array(n * columns);
  const g = gaussian();
  for (let j = 0; j < columns; j++) for (let t = 0; t < TAPS; t++) m[(j + t) * columns + j] = g[t];
  return tf.tensor2d(m, [n, columns]);
}

/** Valid Gaussian filter of planes [p, h, w] along w, as products with a band matrix. */
function filterRows(x: Tensor3D): Tensor3D {
  const [p, h, w] = x.shape;
  const columns = w - TAPS + 1;
  if (columns <= BLOCK + BLOCK / 2) {
    const flat = tf.matMul(tf.reshape(x, [p * h, w]), band(w));
    return tf.reshape(flat, [p, h, columns]) as Tensor3D;
  }
  const parts: Tensor3D[] = [];
  for (let at = 0; at < columns; at += BLOCK) {
    const size = Math.min(BLOCK, columns - at);
    const width = size + TAPS - 1;
    const part = tf.reshape(tf.slice(x, [0, 0, at], [p, h, width]), [p * h, width]);
    parts.push(tf.reshape(tf.matMul(part as Tensor2D, band(width)), [p, h, size]) as Tensor3D);
  }
  return tf.concat(parts, 2);
}

function filter(x: Tensor3D): Tensor3D {
  const rows = filterRows(x);
  const columns = filterRows(tf.transpose(rows, [0, 2, 1]));
  return columns;
}

/**
 * Mean of 2x2 pixels of planes [p, h, w]; an odd side is padded with a zero at its start, as
 * the common implementations do. Columns are paired by a matrix product: on a CPU that is several
 * times faster than pooling.
 */
function halve(x: Tensor3D): Tensor3D {
  const [p, h, w] = x.shape;
  const even =
    h % 2 || w % 2
      ? tf.pad(x, [
          [0, 0],
          [h % 2, 0],
          [w % 2, 0],
        ])
      : x;
  const [, rows, columns] = even.shape;
  const pairs = tf.sum(tf.reshape(even, [(p * rows) / 2, 2, columns]), 1) as Tensor2D;
  const half = tf.matMul(pairs, pairing(columns));
  return tf.reshape(half, [p, rows / 2, columns / 2]) as Tensor3D;
}

/** [n, n / 2] with a quarter where column j reads rows 2j and 2j + 1. */
function pairing(n: number): Tensor2D {
  const m = new Float32Array((n * n) / 2);
  for (let i = 0; i < n; i++) m[(i * n) / 2 + (i >> 1)] = 0.25;
  return tf.tensor2d(m, [n, n / 2]);
}

/**
 * MS-SSIM of each sample (Wang, Simoncelli, Bovik 2003): [n, h, w, 3] pictures on [0, 1] -> [n],
 * the mean over R, G and B. Both sides must be 161 or more.
 */
export function msssim(a: Tensor4D, b: Tensor4D): Tensor1D {
  const [n, h, w] = a.shape;
  if (Math.min(h, w) < 161) throw new RangeError(`MS-SSIM needs sides of 161, not ${w}x${h}`);
  const planes = (t: Tensor4D) => tf.reshape(tf.transpose(t, [0, 3, 1, 2]), [3 * n, h, w]);
  let x = planes(a) as Tensor3D;
  let y = planes(b) as Tensor3D;
  let product: Tensor | undefined;
  WEIGHTS.forEach((weight, scale) => {
    if (scale > 0) {
      x = halve(x);
      y = halve(y);
    }
    const mx = filter(x);
    const my = filter(y);
    const mxy = tf.mul(mx, my);
    const squares = tf.add(tf.square(mx), tf.square(my));
    const covariance = tf.sub(filter(tf.mul(x, y)), mxy);
    const variances = tf.sub(filter(tf.add(tf.square(x), tf.square(y))), squares);
    let similarity = tf.div(tf.add(tf.mul(covariance, 2), C2), tf.add(variances, C2));
    if (scale === WEIGHTS.length - 1) {
      const luminance = tf.div(tf.add(tf.mul(mxy, 2), C1), tf.add(squares, C1));
      similarity = tf.mul(similarity, luminance);
    }
    const mean = tf.maximum(tf.mean(similarity, [1, 2]), SMALLEST);
    const factor = tf.pow(mean, weight);
    product = product ? tf.mul(product, factor) : factor;
  });
  return tf.mean(tf.reshape(product as Tensor, [n, 3]), 1) as Tensor1D;
}
