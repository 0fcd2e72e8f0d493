import { brotliCompressSync, constants } from 'node:zlib';
import type { NamedTensors } from '../../../src/weights/compress/network.js';
import type { Tensor } from '../../../src/weights/types.js';
import { huffmanBits } from './huffman.js';
import { type Clustering, cluster } from './kmeans.js';

/**
 * The methods that the paper compares with, after training and without re-training. Sizes are
 * counted to the bit: payload, codebook (32 bits a center), lengths of the Huffman code (8 bits a
 * symbol), and two bytes for each element of a one-dimensional tensor, which stays as float16 would
 * have it; names and shapes cost nothing here.
 */

export interface Outcome {
  readonly tensors: NamedTensors;
  readonly bytes: number;
  /** Processor seconds of compression where another process has done it. */
  readonly seconds?: number;
  readonly decodeSeconds?: number;
}

export const byName = (tensors: readonly Tensor[]): NamedTensors =>
  new Map(tensors.map(({ name, shape, data }) => [name, { shape, data: data as Float32Array }]));

/** A network with, for each weight, what a squared error there costs. */
export interface Subject {
  readonly tensors: NamedTensors;
  readonly importance: ReadonlyMap<string, Float64Array>;
}

const isWeight = (shape: readonly number[]): boolean => shape.length >= 2;

/** All weights of the network in one row, as Choi et al. quantize them: all layers together. */
function gather({ tensors, importance }: Subject, weighted: boolean) {
  const named = [...tensors].filter(([, { shape }]) => isWeight(shape));
  const values = Float64Array.from(named.flatMap(([, { data }]) => [...data]));
  const weights = named.flatMap(([name, { data }]) =>
    weighted ? [...importance.get(name)!] : new Array<number>(data.length).fill(1),
  );
  return { values, importance: Float64Array.from(weights) };
}

/** The network with other weights, and the bytes of all that is not a weight. */
function scatter({ tensors }: Subject, values: ArrayLike<number>): Outcome {
  const out = new Map(tensors);
  let at = 0;
  let small = 0;
  for (const [name, { shape, data }] of tensors) {
    if (!isWeight(shape)) {
      small += 2 * data.length;
      continue;
    }
    out.set(name, { shape, data: Float32Array.from(data, (_, i) => values[at + i]!) });
    at += data.length;
  }
  return { tensors: out, bytes: small };
}

const withBits = ({ tensors, bytes }: Outcome, bits: number): Outcome => ({
  tensors,
  bytes: bytes + Math.ceil(bits / 8),
});

/** Gaps between kept weights are coded in symbols of this many steps at most (Han et al. 2016). */
const GAP = 32;

function gapSymbols(kept: (i: number) => boolean, count: number): number[] {
  const symbols: number[] = [];
  let gap = 0;
  for (let i = 0; i < count; i++) {
    const keep = kept(i);
    if (keep || gap === GAP - 1) {
      // A filler where the gap grows too long: a kept weight of value zero.
      symbols.push(gap);
      gap = 0;
    } else gap++;
  }
  return symbols;
}

function threshold(values: Float64Array, keep: number): number {
  const sorted = values.map(Math.abs).sort();
  return sorted[Math.floor((1 - keep) * (sorted.length - 1))]!;
}

/** Keeps the largest weights as float32; gaps between them Huffman-coded. */
export function pruning(subject: Subject, keep: number): Outcome {
  const { values } = gather(subject, false);
  const least = threshold(values, keep);
  const kept = values.map((v) => (Math.abs(v) >= least ? v : 0));
  const gaps = gapSymbols((i) => kept[i] !== 0, kept.length);
  return withBits(scatter(subject, kept), 32 * gaps.length + huffmanBits(gaps, GAP));
}

function coded(subject: Subject, { centers, assignment }: Clustering): Outcome {
  const bits = huffmanBits(assignment, centers.length) + 32 * centers.length;
  return withBits(
    scatter(
      subject,
      Float64Array.from(assignment, (j) => centers[j]!),
    ),
    bits,
  );
}

/** Pruning, then k-means on what is kept (Deep Compression). */
export function pruningAndKmeans(subject: Subject, keep: number, size: number): Outcome {
  const { values, importance } = gather(subject, false);
  const least = threshold(values, keep);
  const at = [...values.keys()].filter((i) => Math.abs(values[i]!) >= least);
  const pick = (from: Float64Array) => Float64Array.from(at, (i) => from[i]!);
  const { centers, assignment } = cluster(
    { values: pick(values), importance: pick(importance) },
    size,
  );
  const pruned = new Float64Array(values.length);
  at.forEach((i, n) => {
    pruned[i] = centers[assignment[n]!]!;
  });
  const gaps = gapSymbols((i) => Math.abs(values[i]!) >= least, values.length);
  const bits = huffmanBits(assignment, size) + 32 * size + huffmanBits(gaps, GAP);
  return withBits(scatter(subject, pruned), bits);
}

/** K-means with a fixed number of centers for all weights, Huffman-coded. */
export function kmeans(subject: Subject, size: number): Outcome {
  return coded(subject, cluster(gather(subject, false), size));
}

/** K-means that weighs errors by the diagonal of the Hessian of the layers' outputs. */
export function hessianKmeans(subject: Subject, size: number): Outcome {
  return coded(subject, cluster(gather(subject, true), size));
}

/** Multiples of one step for all weights, Huffman-coded. */
export function uniform(subject: Subject, step: number): Outcome {
  const { values } = gather(subject, false);
  const indices = Array.from(values, (v) => Math.round(v / step));
  const least = indices.reduce((a, b) => Math.min(a, b), 0);
  const most = indices.reduce((a, b) => Math.max(a, b), 0);
  const size = most - least + 1;
  const bits =
    huffmanBits(
      indices.map((q) => q - least),
      size,
    ) + 32;
  return withBits(
    scatter(
      subject,
      indices.map((q) => q * step),
    ),
    bits,
  );
}

/** Entropy-constrained scalar quantization with the same Hessian weights, Huffman-coded. */
export function ecsq(subject: Subject, size: number, lambda: number): Outcome {
  return coded(subject, cluster(gather(subject, true), size, lambda));
}

/** Integers of so many bits, one scale a tensor, under brotli at its strongest. */
export function integersAndBrotli({ tensors }: Subject, bits: number): Outcome {
  const out = new Map(tensors);
  const parts: Buffer[] = [];
  let small = 0;
  for (const [name, { shape, data }] of tensors) {
    if (!isWeight(shape)) {
      small += 2 * data.length;
      continue;
    }
    const most = data.reduce((m, w) => Math.max(m, Math.abs(w)), 0);
    const step = most / (2 ** (bits - 1) - 1);
    const indices = Int8Array.from(data, (w) => Math.round(w / step));
    parts.push(Buffer.from(indices.buffer));
    small += 4;
    out.set(name, { shape, data: Float32Array.from(indices, (q) => q * step) });
  }
  const packed = Buffer.concat(parts);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  return { tensors: out, bytes: small + brotliCompressSync(packed, { params }).length };
}
