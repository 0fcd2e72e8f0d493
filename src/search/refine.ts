import { PRICE_FACTOR_MAX, PRICE_MAX, type Prices } from '../entropy/choice.js';
import { applyGain } from '../entropy/distribution.js';
import { nearestCenter, type Quantizer } from '../entropy/quantizer.js';
import { cropped, saturate, type Tensor, zeros } from '../reference/tensor.js';
import type { Rect } from '../runtime/engine.js';
import type { SumWindow } from './blur.js';
import { type Curvature, fitCurvature } from './curvature.js';
import { C2, Distortion, type Evaluation, GRADIENT_BITS } from './distortion.js';
import type { SearchPlan } from './effort.js';
import type { Scratch } from './memory.js';
import { lambdaAt, type Objective } from './objective.js';
import { type Pixels, readColor, writeError } from './pixels.js';
import { narrowed, type Synthesis, type Trace } from './trace.js';

/** A coded tile and its symbols, [height][width][channels]. */
export interface CodedTile {
  readonly payload: Uint8Array;
  readonly symbols: Uint8Array;
}

/** What the search asks of an engine. */
export interface TileEngine {
  readonly synthesis: Synthesis;
  readonly sumWindow: SumWindow;
  /** Quantizes and codes a tile's latent, [height][width][channels] in units of 2^-10. */
  code(latent: Tensor, prices: Prices): CodedTile;
}

/** The part of a picture that a tile's search looks at: the tile and what lies around it. */
export interface Window {
  /** In latent positions of the window. */
  readonly tile: Rect;
  /** The analysis transform's latent, units of 2^-10. */
  readonly latent: Tensor;
  /** [height][width][channels]; inside the tile to be chosen, outside as coded, or the nearest. */
  readonly symbols: Uint8Array;
  readonly pixels: Pixels;
}

/** Pixels a latent position, in each direction: what the scales of the distortion need. */
export const STRIDE = 16;

/** Gradients on their way back are this large on average, so that they neither saturate nor fade. */
const GRADIENT_MEAN = 16;

/** Half a unit of the quantizer, the probe of the curvature, in units of 2^-10. */
const PROBE = 512;

/**
 * A bit's price, as a part of what balances the curvature. Below one, the choice of symbols leaves to
 * the quality some of what it could save: the squared error is hurt less for the same gain.
 */
const PRICE_SHARE = 0.75;

/** A center some way from zero, where the dequantized value is known well. */
const OUTER = 8;

/** A gradient with respect to the latent in units of 2^-20 of the distortion's, times `unit`. */
interface LatentGradient {
  readonly data: Int16Array;
  readonly unit: number;
}

/**
 * Latent refinement in a closed loop: the tile is coded, synthesized and compared with the source;
 * the gradient of the distortion moves the latent's target; and it is coded again. Amortized inference
 * is what this repairs (Campos et al. 2019, Yang et al. 2020), with Jacobi steps in place of theirs,
 * and a choice by rate and distortion at each step.
 */
export class TileSearch {
  readonly #distortion: Distortion;
  readonly #lambda: number;
  /** The window's symbols as the synthesis reads them. */
  readonly #latent: Tensor;
  /** Of the last picture compared with the source: [3][height][width], units of 2^-6 grey level. */
  readonly #error: Int16Array;
  /** Per channel: the dequantized value of one unit of y, and y of half a unit of the quantizer. */
  readonly #valueOfY: Float64Array;
  readonly #probe: Float64Array;

  constructor(
    private readonly engine: TileEngine,
    private readonly quantizer: Quantizer,
    private readonly window: Window,
    objective: Objective,
    quality: number,
    private readonly scratch: Scratch,
  ) {
    const { latent, pixels } = window;
    const [width, height] = [latent.width * STRIDE, latent.height * STRIDE];
    this.#distortion = new Distortion(
      (color, to) => readColor(pixels, color, to, width),
      width,
      height,
      objective,
      engine.sumWindow,
      scratch,
    );
    this.#lambda = lambdaAt(objective, quality);
    this.#latent = { ...latent, data: scratch.i16('latent', latent.data.length) };
    this.#error = scratch.i16('error', 3 * width * height);
    const { centers, gains, size, values } = quantizer;
    const k = Math.min((size - 1) / 2 + OUTER, size - 1);
    this.#valueOfY = Float64Array.from(
      gains,
      (gain, c) => (values[c * size + k]! * gain) / (256 * centers[k]!),
    );
    this.#probe = Float64Array.from(gains, (gain) => (PROBE * 256) / gain);
  }

  /**
   * Searches in steps; yields after each the part that is done, 0..1.
   *
   * @returns The best of what was coded by bits + lambda * distortion.
   */
  *run({ iterations, step, shrink }: SearchPlan): Generator<number, CodedTile> {
    const { window } = this;
    const { channels } = this.quantizer;
    const target = Float64Array.from(cropped(window.latent, window.tile).data);
    let trace = this.#synthesize(window.symbols);
    let evaluation = this.#evaluate(trace);
    let gradient = this.#back(trace, evaluation, 'latent gradient');
    const curvature = this.#curvature(trace);
    const prices = this.#prices(curvature);
    let symbols = this.#tileSymbols();
    let best: CodedTile | undefined;
    let least = Number.POSITIVE_INFINITY;
    let eta = step;
    const { height, width } = window.tile;
    for (let i = 0; i < iterations; i++) {
      yield i / iterations;
      this.#move(target, symbols, gradient, curvature, eta);
      eta *= shrink;
      const latent = zeros(width, height, channels);
      for (let j = 0; j < target.length; j++) latent.data[j] = saturate(Math.round(target[j]!));
      const coded = this.engine.code(latent, prices);
      symbols = coded.symbols;
      this.#place(symbols);
      trace = this.#synthesize(window.symbols);
      evaluation = this.#evaluate(trace);
      const cost = coded.payload.length * 8 + this.#lambda * evaluation.total;
      if (cost < least) {
        least = cost;
        best = coded;
      }
      if (i + 1 < iterations) gradient = this.#back(trace, evaluation, 'latent gradient');
    }
    this.#place(best!.symbols);
    return best!;
  }

  /** The picture that the window's symbols make. */
  #synthesize(symbols: Uint8Array): Trace {
    const { channels, size, values } = this.quantizer;
    const latent = this.#latent;
    const zero = (size - 1) / 2;
    for (let i = 0, c = 0; i < symbols.length; i++) {
      const k = symbols[i]!;
      latent.data[i] = k === zero ? 0 : values[c * size + k]!;
      if (++c === channels) c = 0;
    }
    return this.engine.synthesis.run(latent, this.scratch);
  }

  #evaluate(trace: Trace): Evaluation {
    writeError(this.#error, trace, this.window.pixels, false);
    return this.#distortion.evaluate(this.#error);
  }

  /**
   * @param evaluation Its gradient's memory is used up.
   * @param name Of the result's array.
   */
  #back(
    { activations, trunk }: Trace,
    { gradient, magnitude }: Evaluation,
    name: string,
  ): LatentGradient {
    let shift = 0;
    while (magnitude > 2 * GRADIENT_MEAN * gradient.length * 2 ** shift) shift++;
    const narrow = { ...trunk, data: narrowed(gradient, shift) };
    const { synthesis } = this.engine;
    const out = synthesis.gradient(activations, narrow, this.#latent, this.scratch);
    const data = this.scratch.i16(name, out.data.length);
    data.set(out.data);
    return { data, unit: 2 ** shift };
  }

  /** Probes with half a unit of the quantizer, of a sign that varies, in every coefficient. */
  #curvature(trace: Trace): Curvature {
    const { channels } = this.quantizer;
    const latent = this.#latent;
    const signs = new Int8Array(latent.data.length);
    let state = 1;
    for (let i = 0; i < latent.data.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      signs[i] = state < 0 ? -1 : 1;
      const size = this.#probe[i % channels]! * this.#valueOfY[i % channels]!;
      latent.data[i] = saturate(latent.data[i]! + signs[i]! * Math.round(size));
    }
    const probed = this.engine.synthesis.picture(latent, this.scratch);
    writeError(this.#error, probed, this.window.pixels, true);
    const { data, unit } = this.#back(trace, this.#distortion.evaluate(this.#error), 'curvature');
    const { tile } = this.window;
    const row = tile.width * channels;
    const at = (i: number): number => {
      const y = tile.y + Math.floor(i / row);
      return (y * latent.width + tile.x) * channels + (i % row);
    };
    const sample = (i: number): number => {
      const j = at(i);
      return (
        data[j]! * signs[j]! * unit * this.#probe[i % channels]! * this.#valueOfY[i % channels]!
      );
    };
    return fitCurvature(sample, tile.width, tile.height, channels);
  }

  /** Where a bit's price balances the distortion's curvature: 2 / (lambda h) squared units a bit. */
  #prices({ channels, positions }: Curvature): Prices {
    let mean = 0;
    for (const h of channels) mean += h / channels.length;
    // Along a whole unit of the quantizer: four times the square of the probe's half.
    const scale = (4 * this.#lambda * 2) / (3 * C2 * 2 ** (GRADIENT_BITS + 6));
    return {
      positions: Int32Array.from(positions, (h) =>
        Math.min(Math.round((4096 * 2 * PRICE_SHARE) / (scale * mean * h)), PRICE_MAX),
      ),
      channels: Int32Array.from(channels, (h) =>
        Math.min(Math.round((256 * mean) / h), PRICE_FACTOR_MAX),
      ),
    };
  }

  /**
   * Moves the target by a part `eta` of the way to where the distortion would be least if it were
   * separable: from the symbols' centers against the gradient, over the curvature.
   */
  #move(
    target: Float64Array,
    symbols: Uint8Array,
    gradient: LatentGradient,
    { channels: byChannel, positions }: Curvature,
    eta: number,
  ): void {
    const { centers, channels, gains } = this.quantizer;
    const { latent, tile } = this.window;
    const steps = Float64Array.from(byChannel, (h, c) => {
      const probe = this.#probe[c]!;
      return (gradient.unit * this.#valueOfY[c]! * probe * probe) / h;
    });
    let i = 0;
    for (let y = 0; y < tile.height; y++) {
      let j = ((tile.y + y) * latent.width + tile.x) * channels;
      for (let x = 0; x < tile.width; x++) {
        const inverse = 1 / positions[y * tile.width + x]!;
        for (let c = 0; c < channels; c++, i++, j++) {
          const center = (centers[symbols[i]!]! * 256) / gains[c]!;
          const best = center - gradient.data[j]! * steps[c]! * inverse;
          target[i]! += eta * (best - target[i]!);
        }
      }
    }
  }

  /** The tile's part of the window's symbols. */
  #tileSymbols(): Uint8Array {
    const { channels } = this.quantizer;
    const { latent, tile } = this.window;
    const row = tile.width * channels;
    const out = new Uint8Array(tile.height * row);
    for (let y = 0; y < tile.height; y++) {
      const from = ((tile.y + y) * latent.width + tile.x) * channels;
      out.set(this.window.symbols.subarray(from, from + row), y * row);
    }
    return out;
  }

  /** Puts the tile's symbols into the window's. */
  #place(symbols: Uint8Array): void {
    const { channels } = this.quantizer;
    const { latent, tile } = this.window;
    const row = tile.width * channels;
    for (let y = 0; y < tile.height; y++) {
      const to = ((tile.y + y) * latent.width + tile.x) * channels;
      this.window.symbols.set(symbols.subarray(y * row, (y + 1) * row), to);
    }
  }
}

/** The nearest centers' symbols of a latent. */
export function nearestSymbols({ channels, data }: Tensor, quantizer: Quantizer): Uint8Array {
  const { boundaries, gains } = quantizer;
  const symbols = new Uint8Array(data.length);
  for (let i = 0, c = 0; i < data.length; i++) {
    symbols[i] = nearestCenter(applyGain(data[i]!, gains[c]!), boundaries);
    if (++c === channels) c = 0;
  }
  return symbols;
}
