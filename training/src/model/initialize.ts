import { type Structure, strideOf } from '../config.ts';
import type { Klt } from '../data/klt.ts';
import type { Rng } from '../rng.ts';
import { softplusInverse, startSpacings } from './centers.ts';
import type { Layout } from './parameters.ts';

/** Deviations of a channel that must lie within the centers at the start. */
const HEADROOM = 4;

/** How far out the compressive autoencoder's centers are to lie, in units of the quantizer. */
const COMPRESSIVE_OUTERMOST = 24;

/**
 * Starting weights: random layers, the linear shortcuts from the Karhunen-Loeve transform, gains
 * such that four deviations of every channel lie within the centers.
 */
export function initialize(layout: Layout, s: Structure, klt: Klt, rng: Rng): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const p of layout.parameters) {
    const t = flat.subarray(p.offset, p.offset + p.size);
    for (let i = 0; i < t.length; i++) {
      if ('uniform' in p.init) t[i] = (2 * rng.uniform() - 1) * p.init.uniform;
      else if ('normal' in p.init) t[i] = rng.normal() * p.init.normal;
      else t[i] = p.init.constant;
    }
  }
  const view = (name: string) => {
    const p = layout.byName.get(name);
    if (!p) throw new Error(`no parameter ${name}`);
    return flat.subarray(p.offset, p.offset + p.size);
  };
  const c = s.channels;
  const dimension = 3 * strideOf(s) ** 2;
  const analysis = view('analysis.shortcut.w');
  const synthesis = view('synthesis.shortcut.w');
  for (let i = 0; i < dimension; i++) {
    for (let k = 0; k < c; k++) {
      analysis[i * c + k] = klt.vectors[k * dimension + i];
      synthesis[k * dimension + i] = klt.vectors[k * dimension + i];
    }
  }
  if (!s.vector) maskLinks(view('context.groupLinks.w'), s);

  // Centers of vectors start at vectors of the latent, wherever those are (quantizer/start.ts).
  const spacings = s.vector ? [] : startSpacings(s);
  const [far, without] = [spacings.reduce((a, b) => a + b, 0), Number.POSITIVE_INFINITY];
  const outermost = s.compressive ? COMPRESSIVE_OUTERMOST : s.vector ? without : far;
  if (!s.vector) {
    view('centers.spacing').set(spacings.map(softplusInverse));
    startScales(view('context.groupOut.b'), s, klt);
  }
  const gains = view('gains.encoder');
  for (let k = 0; k < c; k++) {
    const deviation = Math.sqrt(klt.values[k]);
    for (let q = 0; q < s.rates; q++) {
      const t = s.rates > 1 ? q / (s.rates - 1) : 0;
      const linear = Math.log(s.gainLow) + t * Math.log(s.gainHigh / s.gainLow);
      gains[q * c + k] = Math.min(linear, Math.log(outermost / (HEADROOM * deviation)));
    }
  }
  return flat;
}

/** A logistic of scale s has deviation s * pi / sqrt(3): the log-scales start at the data's. */
function startScales(biases: Float32Array, s: Structure, klt: Klt): void {
  for (let k = 0; k < s.channels; k++) {
    const g = Math.floor(k / s.groupSize);
    const at = g * 2 * s.groupSize + s.groupSize + (k % s.groupSize);
    biases[at] = Math.log((Math.sqrt(klt.values[k]) * Math.sqrt(3)) / Math.PI);
  }
}

/** Zeros the rows of the group links that a group may not read. */
export function maskLinks(links: Float32Array, s: Structure): void {
  const { channels, groupSize } = s;
  const width = s.context.groupHidden;
  for (let g = 0; g < channels / groupSize; g++) {
    links.fill(0, (g * channels + g * groupSize) * width, (g + 1) * channels * width);
  }
}
