import { Scratch } from '../kernels.ts';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../tf.ts';

const TAPS = 11;
const SIGMA = 1.5;
const WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
/** Below this a scale's mean counts as this much; it keeps the power's gradient finite. */
const SMALLEST = 1e-3;
/** The coarsest scale must hold the window. */
export const SMALLEST_SIDE = 161;

/** The normalized Gaussian window. */
export function gaussian(): Float64Array {
  const g = Float64Array.from({ length: TAPS }, (_, i) =>
    Math.exp(-((i - (TAPS - 1) / 2) ** 2) / (2 * SIGMA * SIGMA)),
  );
  const sum = g.reduce((a, b) => a + b, 0);
  return g.map((v) => v / sum);
}

/**
 * MS-SSIM of each sample (Wang, Simoncelli, Bovik 2003): [n, h, w, 3] pictures on [0, 1] -> [n],
 * the mean over R, G and B. The gradient goes to the first picture alone.
 *
 * @throws RangeError where a side is under 161.
 */
export function msssim(a: Tensor4D, b: Tensor4D): Tensor1D {
  const [n, height, width] = a.shape;
  if (Math.min(height, width) < SMALLEST_SIDE) {
    throw new RangeError(`MS-SSIM needs sides of ${SMALLEST_SIDE}, not ${width}x${height}`);
  }
  const target = b.dataSync() as Float32Array;
  const op = tf.customGrad((...inputs) => {
    const picture = inputs[0] as Tensor;
    const data = picture.dataSync() as Float32Array;
    const size = height * width * 3;
    const value = new Float32Array(n);
    const gradient = new Float32Array(data.length);
    for (let i = 0; i < n; i++) {
      const sample = (v: Float32Array) => v.subarray(i * size, (i + 1) * size);
      value[i] = ofSample(sample(data), sample(target), width, height, sample(gradient));
    }
    const gradFunc = (dy: Tensor | Tensor[]) =>
      tf.mul(tf.tensor4d(gradient, a.shape), tf.reshape(dy as Tensor, [n, 1, 1, 1]));
    return { value: tf.tensor1d(value), gradFunc };
  });
  return op(a) as Tensor1D;
}

/** MS-SSIM of one sample, [h, w, 3] each; writes its gradient to a. */
function ofSample(
  a: Float32Array,
  b: Float32Array,
  width: number,
  height: number,
  gradient: Float32Array,
): number {
  const scratch = new Scratch();
  const { kernels } = scratch;
  const pictureA = scratch.put(a);
  const pictureB = scratch.put(b);
  const taps = scratch.put(Float32Array.from(gaussian().subarray(0, (TAPS + 1) / 2)));
  const means = scratch.reserve(8 * WEIGHTS.length);
  const out = scratch.reserve(4 * a.length);
  const planes = scratch.reserve(kernels.msssimScratch(width, height));
  let sum = 0;
  for (let c = 0; c < 3; c++) {
    kernels.msssimMeans(pictureA, pictureB, c, width, height, taps, planes, means);
    const ofScales = scratch.doubles(means, WEIGHTS.length);
    const value = WEIGHTS.reduce(
      (product, weight, j) => product * Math.max(ofScales[j], SMALLEST) ** weight,
      1,
    );
    sum += value / 3;
    let [w, h] = [width, height];
    const factors = Float32Array.from(WEIGHTS, (weight, j) => {
      const count = (w - TAPS + 1) * (h - TAPS + 1);
      [w, h] = [Math.ceil(w / 2), Math.ceil(h / 2)];
      if (ofScales[j] < SMALLEST) return 0;
      return (value * weight) / (ofScales[j] * count * 3);
    });
    const at = scratch.put(factors);
    kernels.msssimGradient(c, width, height, taps, planes, at, out);
  }
  gradient.set(scratch.floats(out, a.length));
  return sum;
}
