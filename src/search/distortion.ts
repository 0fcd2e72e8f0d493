import { type Plane, WINDOW_INVERSE, WINDOW_SUM } from './blur.js';
import type { Objective } from './objective.js';

/** SSIM's constant (0.03 * 255)^2. */
export const C2 = 58.5225;

/** Structure weights are in units of 2^-15. */
const ONE = 2 ** 15 - 1;

/** Gradients are in units of 2^-20. */
export const GRADIENT_BITS = 20;

/** One scale of one colour of the source. */
interface Scale {
  /** C2 / (2 variance + C2) around each pixel, units of 2^-15. */
  readonly weights: Uint16Array;
  /** The same under the window. */
  readonly around: Uint16Array;
}

/** 2x2 averages; sides are even. */
function halve({ data, height, width }: Plane): Plane {
  const half = { width: width >> 1, height: height >> 1 };
  const out = new Int32Array(half.width * half.height);
  let at = 0;
  for (let y = 0; y < height; y += 2) {
    for (let i = y * width; i < (y + 1) * width; i += 2) {
      out[at++] = (data[i]! + data[i + 1]! + data[i + width]! + data[i + width + 1]! + 2) >> 2;
    }
  }
  return { ...half, data: out };
}

/** What an error costs. */
export interface Evaluation {
  /** Distortion summed over the pixels, in the objective's units. */
  readonly total: number;
  /** Of half the distortion, up to a factor: [height][width][3], units of 2^-20. */
  readonly gradient: Int32Array;
}

/** Sums under the window of blur.ts. */
type SumWindow = (plane: Plane) => Plane;

/**
 * The training's distortion as a quadratic form of the error, for a source that stays.
 *
 * With e the error and local moments under SSIM's window, 1 - cs = var(e) / (var(x) + var(y) + C2)
 * exactly, cs being SSIM's contrast and structure (Wang, Simoncelli and Bovik 2003). For a good
 * reconstruction var(y) is about var(x), and the product over the scales about 1 - the sum of the
 * weighted differences from one: so errors count by one over the variance of the source around them,
 * at each scale. The luminance term is left out.
 */
export class Distortion {
  readonly #colors: Scale[][] = [];
  readonly #mse: number;

  /**
   * @param source [height][width][3], units of 2^-6 grey level; sides are multiples of 16.
   */
  constructor(
    source: Int16Array,
    private readonly width: number,
    private readonly height: number,
    private readonly objective: Objective,
    private readonly sumWindow: SumWindow,
  ) {
    this.#mse = Math.round((objective.mse * 4096 * C2) / 255 ** 2);
    const { structure } = objective;
    const count = structure.some((weight) => weight > 0) ? structure.length : 0;
    for (let color = 0; color < 3; color++) {
      const scales: Scale[] = [];
      let plane = this.#planeOf(source, color);
      for (let scale = 0; scale < count; scale++) {
        if (scale > 0) plane = halve(plane);
        scales.push(this.#scaleOf(plane));
      }
      this.#colors.push(scales);
    }
  }

  /** @param error [height][width][3], units of 2^-6 grey level, within +-2^14. */
  evaluate(error: Int16Array): Evaluation {
    const gradient = new Int32Array(error.length);
    let product = 0;
    for (let color = 0; color < 3; color++) {
      const plane = this.#planeOf(error, color);
      const scales = this.#colors[color]!;
      const structure = scales.length > 0 ? this.#structureGradient(plane, scales, 0) : undefined;
      product += this.#finish(plane.data, structure, gradient, color);
    }
    return { total: product / (3 * C2 * 2 ** (GRADIENT_BITS + 6)), gradient };
  }

  /** Adds the squared error's part; returns the sum of gradient times error. */
  #finish(
    error: Int32Array,
    structure: Int32Array | undefined,
    gradient: Int32Array,
    color: number,
  ): number {
    const weight = 4 * this.#mse;
    let product = 0;
    for (let i = 0, at = color; i < error.length; i++, at += 3) {
      const e = error[i]!;
      const g = Math.imul(weight, e) + (structure ? structure[i]! : 0);
      gradient[at] = g;
      product += g * e;
    }
    return product;
  }

  /** One colour of interleaved pixels. */
  #planeOf(pixels: Int16Array, color: number): Plane {
    const { height, width } = this;
    const data = new Int32Array(width * height);
    for (let i = 0, at = color; i < data.length; i++, at += 3) data[i] = pixels[at]!;
    return { width, height, data };
  }

  /** @param plane Units of 2^-6 grey level. */
  #scaleOf({ data, ...size }: Plane): Scale {
    const grey = new Int32Array(data.length);
    const squares = new Int32Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const value = data[i]! >> 6;
      grey[i] = value;
      squares[i] = value * value;
    }
    const sums = this.sumWindow({ ...size, data: grey }).data;
    const squareSums = this.sumWindow({ ...size, data: squares }).data;
    const weights = new Uint16Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const sum = sums[i]!;
      const variance = (squareSums[i]! - (sum * sum) / WINDOW_SUM) / WINDOW_SUM;
      weights[i] = (ONE * C2) / (2 * variance + C2);
    }
    const weightSums = this.sumWindow({ ...size, data: Int32Array.from(weights) }).data;
    const around = new Uint16Array(data.length);
    for (let i = 0; i < around.length; i++) around[i] = weightSums[i]! / WINDOW_SUM;
    return { weights, around };
  }

  /** The gradient of a scale and of those coarser, on its grid, units of 2^-20. */
  #structureGradient(plane: Plane, scales: readonly Scale[], index: number): Int32Array {
    const { around, weights } = scales[index]!;
    const weight = this.objective.structure[index]!;
    const { height, width } = plane;
    const means = this.sumWindow(plane);
    for (let i = 0; i < means.data.length; i++) {
      const mean = (Math.imul(means.data[i]!, WINDOW_INVERSE) + 32768) >> 16;
      means.data[i] = Math.imul(mean, weights[i]!) >> 8;
    }
    const out = this.sumWindow(means).data;
    for (let i = 0; i < out.length; i++) {
      const mean = Math.imul(out[i]! >> 8, WINDOW_INVERSE) & ~255;
      out[i] = Math.imul((Math.imul(plane.data[i]!, around[i]!) - mean) >> 13, weight);
    }
    if (index + 1 === scales.length) return out;
    const coarse = this.#structureGradient(halve(plane), scales, index + 1);
    const columns = width >> 1;
    for (let y = 0, i = 0; y < height; y++) {
      let from = (y >> 1) * columns;
      for (let x = 0; x < columns; x++, i += 2, from++) {
        const g = coarse[from]!;
        out[i]! += g;
        out[i + 1]! += g;
      }
    }
    return out;
  }
}
