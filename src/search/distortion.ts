import { type Plane, type SumWindow, WINDOW_INVERSE, WINDOW_SUM } from './blur.js';
import { passing, type Scratch } from './memory.js';
import type { Objective } from './objective.js';

/** SSIM's constant (0.03 * 255)^2. */
export const C2 = 58.5225;

/** Structure weights are in units of 2^-15. */
const ONE = 2 ** 15 - 1;

/** Gradients are in units of 2^-20. */
export const GRADIENT_BITS = 20;

/**
 * Bytes of scratch a pixel, rounded up, beside the three arrays shared with the synthesis: the colours'
 * gradient of 4 bytes; 1/3 of a structure gradient of 4; 4/3 of two weights of 2 for three colours.
 */
export const DISTORTION_BYTES = 30;

/** One scale of one colour of the source. */
interface Scale {
  /** C2 / (2 variance + C2) around each pixel, units of 2^-15. */
  readonly weights: Uint16Array;
  /** The same under the window. */
  readonly around: Uint16Array;
}

/** 2x2 averages, in the place of the plane; sides are even. */
function halve({ data, height, width }: Plane): Plane {
  let at = 0;
  for (let y = 0; y < height; y += 2) {
    for (let i = y * width; i < (y + 1) * width; i += 2) {
      data[at++] = (data[i]! + data[i + 1]! + data[i + width]! + data[i + width + 1]! + 2) >> 2;
    }
  }
  return { width: width >> 1, height: height >> 1, data: data.subarray(0, at) };
}

/** Adds to a gradient that of the scale of half its width. */
function addCoarse(fine: Int32Array, width: number, coarse: Int32Array): void {
  const columns = width >> 1;
  for (let i = 0, y = 0; i < fine.length; y++) {
    let from = (y >> 1) * columns;
    for (const end = i + width; i < end; i += 2, from++) {
      const g = coarse[from]!;
      fine[i]! += g;
      fine[i + 1]! += g;
    }
  }
}

/** What an error costs. */
export interface Evaluation {
  /** Distortion summed over the pixels, in the objective's units. */
  readonly total: number;
  /**
   * Of half the distortion, up to a factor: [height][width][3], units of 2^-20. Good until the next
   * evaluation in the same scratch.
   */
  readonly gradient: Int32Array;
  /** Sum of the gradient's absolute values. */
  readonly magnitude: number;
}

/** Writes a colour of the source, [height][width] in units of 2^-6 grey level. */
export type ReadColor = (color: number, to: Int32Array) => void;

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
  readonly #colors: readonly (readonly Scale[])[];
  readonly #mse: number;
  /** One colour of the error. */
  readonly #plane: Int32Array;
  readonly #sums: Int32Array;
  readonly #gradient: Int32Array;
  /** One colour's structure gradients, by scale. */
  readonly #structure: readonly Int32Array[];

  /** @param width, height Multiples of 16. */
  constructor(
    readColor: ReadColor,
    private readonly width: number,
    private readonly height: number,
    private readonly objective: Objective,
    private readonly sumWindow: SumWindow,
    scratch: Scratch,
  ) {
    const pixels = width * height;
    this.#mse = Math.round((objective.mse * 4096 * C2) / 255 ** 2);
    const used = objective.structure.some((weight) => weight > 0);
    const scales = used ? objective.structure.map((_, scale) => scale) : [];
    // As large as the synthesis wants them: a picture of i16.
    const room = (index: number): Int32Array =>
      scratch.i32(passing(index), 1.5 * pixels).subarray(0, pixels);
    this.#plane = room(0);
    this.#gradient = scratch.i32('picture gradient', 3 * pixels);
    this.#sums = room(1);
    this.#structure = scales.map((scale) =>
      scale === 0 ? room(2) : scratch.i32(`structure ${scale}`, pixels >> (2 * scale)),
    );
    this.#colors = [0, 1, 2].map((color) => {
      let plane = { width, height, data: this.#plane };
      if (used) readColor(color, plane.data);
      return scales.map((scale) => {
        if (scale > 0) plane = halve(plane);
        const { length } = plane.data;
        const weights = scratch.u16(`weights ${color} ${scale}`, length);
        const around = scratch.u16(`around ${color} ${scale}`, length);
        this.#weigh(plane, { weights, around });
        return { weights, around };
      });
    });
  }

  /** @param error [3][height][width], units of 2^-6 grey level, within +-2^14. */
  evaluate(error: Int16Array): Evaluation {
    const pixels = this.width * this.height;
    let [product, magnitude] = [0, 0];
    for (let color = 0; color < 3; color++) {
      const plane = error.subarray(color * pixels, (color + 1) * pixels);
      const structure = this.#structureGradient(plane, color);
      const sums = this.#finish(plane, structure, color);
      product += sums.product;
      magnitude += sums.magnitude;
    }
    const total = product / (3 * C2 * 2 ** (GRADIENT_BITS + 6));
    return { total, gradient: this.#gradient, magnitude };
  }

  /** Adds the squared error's part; returns the sums of gradient times error and of its size. */
  #finish(error: Int16Array, structure: Int32Array | undefined, color: number) {
    const gradient = this.#gradient;
    const weight = 4 * this.#mse;
    let [product, magnitude] = [0, 0];
    for (let i = 0, at = color; i < error.length; i++, at += 3) {
      const e = error[i]!;
      const g = Math.imul(weight, e) + (structure ? structure[i]! : 0);
      gradient[at] = g;
      product += g * e;
      magnitude += g < 0 ? -g : g;
    }
    return { product, magnitude };
  }

  /** @param plane A scale of the source, units of 2^-6 grey level. */
  #weigh({ data, ...size }: Plane, { around, weights }: Scale): void {
    const { length } = data;
    // No gradient is there yet: its room is free.
    const values = this.#gradient.subarray(0, length);
    const squareSums = this.#gradient.subarray(length, 2 * length);
    const sums = this.#sums.subarray(0, length);
    for (let i = 0; i < length; i++) values[i] = data[i]! >> 6;
    this.sumWindow({ ...size, data: values }, sums);
    for (let i = 0; i < length; i++) values[i] = Math.imul(values[i]!, values[i]!);
    this.sumWindow({ ...size, data: values }, squareSums);
    for (let i = 0; i < length; i++) {
      const sum = sums[i]!;
      const variance = (squareSums[i]! - (sum * sum) / WINDOW_SUM) / WINDOW_SUM;
      weights[i] = (ONE * C2) / (2 * variance + C2);
    }
    values.set(weights);
    this.sumWindow({ ...size, data: values }, sums);
    for (let i = 0; i < length; i++) around[i] = sums[i]! / WINDOW_SUM;
  }

  /** The gradient of all scales of a colour, units of 2^-20; nothing where structure does not count. */
  #structureGradient(error: Int16Array, color: number): Int32Array | undefined {
    const scales = this.#colors[color]!;
    if (scales.length === 0) return undefined;
    let plane: Plane = { width: this.width, height: this.height, data: this.#plane };
    plane.data.set(error);
    scales.forEach((scale, index) => {
      if (index > 0) plane = halve(plane);
      this.#scaleGradient(plane, scale, index);
    });
    for (let scale = scales.length - 2; scale >= 0; scale--) {
      addCoarse(this.#structure[scale]!, this.width >> scale, this.#structure[scale + 1]!);
    }
    return this.#structure[0]!;
  }

  /** The gradient of a scale alone, on its grid. */
  #scaleGradient(plane: Plane, { around, weights }: Scale, index: number): void {
    const weight = this.objective.structure[index]!;
    const { data, ...size } = plane;
    const means = this.#sums.subarray(0, data.length);
    this.sumWindow(plane, means);
    for (let i = 0; i < means.length; i++) {
      const mean = (Math.imul(means[i]!, WINDOW_INVERSE) + 32768) >> 16;
      means[i] = Math.imul(mean, weights[i]!) >> 8;
    }
    const out = this.#structure[index]!;
    this.sumWindow({ ...size, data: means }, out);
    for (let i = 0; i < out.length; i++) {
      const mean = Math.imul(out[i]! >> 8, WINDOW_INVERSE) & ~255;
      out[i] = Math.imul((Math.imul(data[i]!, around[i]!) - mean) >> 13, weight);
    }
  }
}
