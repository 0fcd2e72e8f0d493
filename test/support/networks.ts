import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Tf as Library, TfLayersModel, TfTensor } from '../../src/weights/tfjs/tf.js';

export const NETWORKS = resolve('test/weights/networks/node_modules');

/** Whether tfjs and the public networks are installed; says loudly where they are not. */
export function haveNetworks(): boolean {
  if (existsSync(NETWORKS)) return true;
  const advice = 'npm ci --ignore-scripts --prefix test/weights/networks';
  if (process.env.CI_NETWORKS === 'required') throw new Error(`No networks: ${advice}`);
  console.warn(`\n*** SKIPPED: no public networks, so tfjs was not tested. ${advice} ***\n`);
  return false;
}

/** Loads a file of the installed packages as Node does. */
export function requireNetwork(path: string): unknown {
  return createRequire(import.meta.url)(resolve(NETWORKS, path));
}

/** The part of tfjs that the tests use. */
export interface Tf extends Library {
  sequential(config: object): TfModel;
  layers: Record<string, (config: object) => unknown>;
  io: { withSaveHandler(save: (artifacts: SavedArtifacts) => Promise<object>): object };
  loadLayersModel(handler: object): Promise<TfModel>;
  loadGraphModel(handler: object): Promise<TfModel>;
  tensor(values: Float32Array | number[], shape: number[]): TfTensor;
  setBackend(name: string): Promise<boolean>;
  memory(): { numTensors: number };
}

export interface TfModel extends TfLayersModel {
  save(handler: object): Promise<unknown>;
  predict(input: unknown): { dataSync(): Float32Array };
  setWeights(weights: TfTensor[]): void;
  getWeights(): { dataSync(): Float32Array; shape: number[] }[];
}

export interface SavedArtifacts {
  modelTopology: object;
  weightSpecs: { name: string; shape: number[]; dtype: string }[];
  weightData: ArrayBuffer;
  format?: string;
}

export async function loadTf(): Promise<Tf> {
  const tf = requireNetwork('@tensorflow/tfjs/dist/tf.node.js') as Tf;
  await tf.setBackend('cpu');
  return tf;
}

export interface SavedModel {
  readonly model: TfModel;
  readonly json: object;
  readonly shard: Uint8Array;
}

/** A small network. */
export async function smallModel(tf: Tf): Promise<SavedModel> {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d!({ inputShape: [8, 8, 3], filters: 8, kernelSize: 3, activation: 'relu' }),
      tf.layers.batchNormalization!({}),
      tf.layers.flatten!({}),
      tf.layers.dense!({ units: 5, activation: 'softmax' }),
    ],
  });
  return save(tf, model);
}

/** Normalizations behind convolutions: one with a bias, one that has no scale. */
export async function normalizedModel(tf: Tf): Promise<SavedModel> {
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d!({ inputShape: [8, 8, 3], filters: 32, kernelSize: 3 }),
      layers.batchNormalization!({ epsilon: 0.01 }),
      layers.reLU!({}),
      layers.conv2d!({ filters: 32, kernelSize: 3, strides: 2, padding: 'same', useBias: false }),
      layers.batchNormalization!({ scale: false }),
      layers.flatten!({}),
      layers.dense!({ units: 5 }),
    ],
  });
  // Statistics, too, as training would leave them: positive, and not one.
  let i = 0;
  const values = (size: number) =>
    Array.from({ length: size }, () => 0.6 + 0.5 * Math.sin(++i * i));
  model.setWeights(
    model.getWeights().map((weight) => {
      const list = values(weight.dataSync().length);
      return tf.tensor(weight.shape.length > 1 ? list.map((x) => x - 0.6) : list, weight.shape);
    }),
  );
  return save(tf, model);
}

/** A network as model.json and one shard. */
async function save(tf: Tf, model: TfModel): Promise<SavedModel> {
  let saved: SavedArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { weightSpecs, weightData, ...rest } = saved!;
  const json = { ...rest, weightsManifest: [{ paths: ['shard.bin'], weights: weightSpecs }] };
  return { model, json, shard: new Uint8Array(weightData) };
}
