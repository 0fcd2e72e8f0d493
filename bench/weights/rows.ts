import { DEFAULT_LIMITS } from '../../src/format/limits.js';
import { compressWeights } from '../../src/weights/compress/compress.js';
import { momentsOf } from '../../src/weights/compress/moments.js';
import { samplePatches } from '../../src/weights/compress/patches.js';
import { chooseProducts } from '../../src/weights/compress/products/choose.js';
import { readWeights } from '../../src/weights/decode/file.js';
import type { Tensor } from '../../src/weights/types.js';
import {
  byName,
  ecsq,
  hessianKmeans,
  integersAndBrotli,
  kmeans,
  type Outcome,
  pruning,
  pruningAndKmeans,
  type Subject,
  uniform,
} from './baselines/methods.js';
import { KERNELS } from './kernels.js';
import { nncodec } from './nncodec/row.js';
import { forwardOn } from './resnet.js';

/** What a row of the table is made from. */
export interface Material {
  readonly tensors: readonly Tensor[];
  /** Normalised pictures without labels. */
  readonly pictures: Float32Array;
}

const products = await chooseProducts(KERNELS);

/** Makes a compressed network. */
export type Row = (material: Material) => Promise<Outcome>;

/** The diagonal of the Hessian of each layer's squared output error, from the pictures. */
async function subjectOf({ tensors, pictures }: Material): Promise<Subject> {
  const named = byName(tensors);
  const importance = new Map<string, Float64Array>();
  for (const [name, { shape, data }] of named) {
    if (shape.length >= 2) importance.set(name, new Float64Array(data.length).fill(1));
  }
  await forwardOn(pictures)(named, async (layer, input) => {
    const { covariance, columns } = momentsOf(samplePatches(layer, input, 2048), products);
    const all = importance.get(layer.weights)!;
    const norm = layer.normalization!;
    const scale = named.get(norm.scale!)!.data;
    const variance = named.get(norm.variance)!.data;
    for (let i = 0; i < all.length; i++) {
      const o = Math.floor(i / columns);
      const c = i % columns;
      all[i] = (covariance[c * columns + c]! * scale[o]! ** 2) / (variance[o]! + 1e-5);
    }
  });
  return { tensors: named, importance };
}

const plain =
  (method: (subject: Subject) => Outcome): Row =>
  async (material) =>
    method({ tensors: byName(material.tensors), importance: new Map() });

const weighed =
  (method: (subject: Subject) => Outcome): Row =>
  async (material) =>
    method(await subjectOf(material));

const shvq =
  (ratio: number, dimensions: 1 | 2 = 1, inputs = true): Row =>
  async ({ tensors, pictures }) => {
    const { file } = await compressWeights(tensors, {
      ratio,
      dimensions,
      wasm: KERNELS,
      ...(inputs && { forward: forwardOn(pictures) }),
    });
    const decoded = readWeights(file, DEFAULT_LIMITS);
    return { tensors: byName(decoded.tensors), bytes: file.length };
  };

const peer =
  (qp: number, fold = false): Row =>
  async ({ tensors }) =>
    nncodec(tensors, qp, fold);

/** Rows of the table by name, in its order. */
export const ROWS: Readonly<Record<string, Row>> = {
  float32: async ({ tensors }) => ({
    tensors: byName(tensors),
    bytes: tensors.reduce((sum, { data }) => sum + data.byteLength, 0),
  }),
  'pruning, 30 % kept': plain((s) => pruning(s, 0.3)),
  'pruning and k-means, 50 % kept, 32 centers': plain((s) => pruningAndKmeans(s, 0.5, 32)),
  'k-means, 32 centers': plain((s) => kmeans(s, 32)),
  'Hessian-weighted k-means, 32 centers': weighed((s) => hessianKmeans(s, 32)),
  'uniform, step 0.03': plain((s) => uniform(s, 0.03)),
  'ECSQ, 33 centers': weighed((s) => ecsq(s, 33, 2e-5)),
  'int5 and brotli': plain((s) => integersAndBrotli(s, 5)),
  'int8 and brotli': plain((s) => integersAndBrotli(s, 8)),
  'NNCodec, qp -24': peer(-24),
  'NNCodec, qp -22': peer(-22),
  'NNCodec, qp -20': peer(-20),
  'NNCodec, normalizations folded, qp -24': peer(-24, true),
  'NNCodec, normalizations folded, qp -22': peer(-22, true),
  'SHVQ 10x, no inputs': shvq(10, 1, false),
  'SHVQ 14x': shvq(14),
  'SHVQ 16x': shvq(16),
  'SHVQ 18x': shvq(18),
  'SHVQ 18x, pairs': shvq(18, 2),
  'SHVQ 20x': shvq(20),
};
