import { type Pixels, pixelStep, requireSameSize } from './pixels.js';

/** One channel as floating point, row by row. */
interface Plane {
  width: number;
  height: number;
  data: Float64Array;
}

const WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const TAPS = 11;
const WINDOW = gaussian(TAPS, 1.5);
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** The shortest side that leaves at least one whole window at the coarsest scale. */
export const MSSSIM_SIDE_MIN = (TAPS - 1) * 2 ** (WEIGHTS.length - 1) + 1;

/**
 * Multi-scale structural similarity (Wang, Simoncelli and Bovik, 2003) in 0..1: the mean over R, G
 * and B; alpha is left out. 11-tap Gaussian of sigma 1.5 over the valid region, 2x2 averages between
 * scales (an odd side gets one row or column of zeros before it), K 0.01 and 0.03.
 *
 * @throws RangeError if the two pictures differ in size or a side is below MSSSIM_SIDE_MIN.
 */
export function msssim(a: Pixels, b: Pixels): number {
  requireSameSize(a, b);
  if (Math.min(a.width, a.height) < MSSSIM_SIDE_MIN) {
    throw new RangeError(`MS-SSIM needs sides of at least ${MSSSIM_SIDE_MIN} pixels`);
  }
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    sum += planeSimilarity(planeOf(a, channel), planeOf(b, channel));
  }
  return sum / 3;
}

/** MS-SSIM in dB: -10 log10(1 - value). */
export function msssimDecibels(value: number): number {
  return -10 * Math.log10(1 - value);
}

function planeSimilarity(a: Plane, b: Plane): number {
  let product = 1;
  for (const [scale, weight] of WEIGHTS.entries()) {
    const { luminance, structure } = similarity(a, b);
    const coarsest = scale === WEIGHTS.length - 1;
    product *= Math.max(coarsest ? luminance : structure, 0) ** weight;
    a = halve(a);
    b = halve(b);
  }
  return product;
}

/** Means over the picture of SSIM whole, and of its contrast and structure terms alone. */
function similarity(a: Plane, b: Plane): { luminance: number; structure: number } {
  const meanA = blur(a);
  const meanB = blur(b);
  const squareA = blur(multiply(a, a)).data;
  const squareB = blur(multiply(b, b)).data;
  const cross = blur(multiply(a, b)).data;
  const count = meanA.data.length;
  let luminance = 0;
  let structure = 0;
  for (let i = 0; i < count; i++) {
    const muA = meanA.data[i]!;
    const muB = meanB.data[i]!;
    const varianceA = squareA[i]! - muA * muA;
    const varianceB = squareB[i]! - muB * muB;
    const covariance = cross[i]! - muA * muB;
    const cs = (2 * covariance + C2) / (varianceA + varianceB + C2);
    structure += cs;
    luminance += (cs * (2 * muA * muB + C1)) / (muA * muA + muB * muB + C1);
  }
  return { luminance: luminance / count, structure: structure / count };
}

function gaussian(taps: number, sigma: number): Float64Array {
  const window = Float64Array.from({ length: taps }, (_, i) =>
    Math.exp(-((i - (taps - 1) / 2) ** 2) / (2 * sigma * sigma)),
  );
  const sum = window.reduce((total, tap) => total + tap);
  return window.map((tap) => tap / sum);
}

function planeOf(image: Pixels, channel: number): Plane {
  const { width, height } = image;
  const step = pixelStep(image);
  const data = new Float64Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = image.data[i * step + channel]!;
  return { width, height, data };
}

function multiply(a: Plane, b: Plane): Plane {
  return { ...a, data: a.data.map((value, i) => value * b.data[i]!) };
}

/** Separable convolution with the window, valid region only. */
function blur({ width, height, data }: Plane): Plane {
  const columns = width - TAPS + 1;
  const rows = height - TAPS + 1;
  const across = new Float64Array(columns * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) sum += WINDOW[tap]! * data[y * width + x + tap]!;
      across[y * columns + x] = sum;
    }
  }
  const down = new Float64Array(columns * rows);
  for (let tap = 0; tap < TAPS; tap++) {
    const weight = WINDOW[tap]!;
    const offset = tap * columns;
    for (let i = 0; i < down.length; i++) down[i]! += weight * across[offset + i]!;
  }
  return { width: columns, height: rows, data: down };
}

/** 2x2 averages; an odd side is padded with zeros before its first element. */
function halve({ width, height, data }: Plane): Plane {
  const columns = Math.ceil(width / 2);
  const rows = Math.ceil(height / 2);
  const half = new Float64Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = ((y + (height & 1)) >> 1) * columns;
    for (let x = 0; x < width; x++) {
      half[row + ((x + (width & 1)) >> 1)]! += data[y * width + x]! / 4;
    }
  }
  return { width: columns, height: rows, data: half };
}
