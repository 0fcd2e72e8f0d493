import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/format/limits.js';
import { readWeights } from '../../src/weights/decode/file.js';
import {
  compressWeights,
  decodeWeights,
  foldNormalizations,
  forwardOf,
  fromTfjs,
  ioHandler,
  type Layer,
  layersOf,
  packWeights,
  type StoredTensor,
  type Tensor,
  writeWeights,
} from '../../src/weights.js';
import {
  haveNetworks,
  loadTf,
  NETWORKS,
  normalizedModel,
  requireNetwork,
  smallModel,
  type Tf,
} from '../support/networks.js';
import { Random } from '../support/random.js';
import { hashTensors, WEIGHTS_ENGINES } from '../support/weights.js';
import { byName, relativeError } from './compress/network.js';

/** Every weight on a grid of 2^-6 of its tensor's largest. */
function quantize({ name, shape, data }: Tensor): StoredTensor {
  const values = data as Float32Array;
  const most = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  const step = Math.fround(most / 64) || 1;
  const indices = Int32Array.from(values, (x) => Math.round(x / step));
  return { mode: 'quantized', name, shape, axis: 0, codebook: { kind: 'uniform', step }, indices };
}

const INPUT = Array.from({ length: 8 * 8 * 3 }, (_, i) => Math.sin(i));

describe.runIf(haveNetworks())('tfjs', () => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await loadTf();
  });

  it('loads a layers model that predicts as before', async () => {
    const { model, json, shard } = await smallModel(tf);
    const { metadata, tensors } = fromTfjs(JSON.stringify(json), [shard]);
    const loaded = await tf.loadLayersModel(ioHandler(packWeights(tensors, { metadata })));
    const input = () => tf.tensor(INPUT, [1, 8, 8, 3]);
    expect(loaded.predict(input()).dataSync()).toEqual(model.predict(input()).dataSync());
    const coarse = writeWeights({ metadata, tensors: tensors.map(quantize) });
    const near = (await tf.loadLayersModel(ioHandler(coarse))).predict(input()).dataSync();
    const exact = model.predict(input()).dataSync();
    for (const [i, p] of exact.entries()) expect(Math.abs(near[i]! - p)).toBeLessThan(0.05);
  });

  it('compresses a model whose topology tells of normalizations to one that predicts alike', async () => {
    const { model, json, shard } = await normalizedModel(tf);
    const network = fromTfjs(json, [shard]);
    const { metadata, tensors } = network;
    const layers = layersOf(network);
    expect(layers.map(({ normalization }) => normalization !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    const { content, file } = await compressWeights(tensors, { bytes: 16_000, layers, metadata });
    const folded = content.tensors.filter(({ name }) => /gamma|moving|conv.*bias/.test(name));
    expect(folded).toHaveLength(6);
    for (const t of folded) expect(new Set(t.mode === 'quantized' ? t.indices : []).size).toBe(1);
    const decoded = Object.values((await decodeWeights(file)).tensors);
    const original = foldNormalizations(tensors, { layers });
    for (const [i, { data }] of foldNormalizations(decoded, { layers }).entries()) {
      expect(data).toEqual(decoded[i]!.data);
      for (const [j, x] of original[i]!.data.entries()) {
        expect(Math.abs(Number(data[j]) - Number(x))).toBeLessThan(0.01);
      }
    }
    const loaded = await tf.loadLayersModel(ioHandler(file));
    const input = () => tf.tensor(INPUT, [1, 8, 8, 3]);
    const exact = model.predict(input()).dataSync();
    const near = loaded.predict(input()).dataSync();
    const size = Math.max(...exact.map(Math.abs));
    for (const [i, y] of exact.entries()) expect(Math.abs(near[i]! - y)).toBeLessThan(size / 200);
  });

  it('runs a model for compression, which then does better on inputs that it has not seen', async () => {
    const { model, json, shard } = await normalizedModel(tf);
    const network = fromTfjs(json, [shard]);
    const layers = layersOf(network);
    const random = new Random(3);
    const inputs = () =>
      tf.tensor(
        Array.from({ length: 60 * 192 }, () => random.normal() ** 2),
        [60, 8, 8, 3],
      );
    const forward = await forwardOf(tf, network, inputs());
    const float = byName(network.tensors);
    const visited: string[] = [];
    const visit = async ({ weights, normalization }: Layer): Promise<void> => {
      visited.push(`${weights} ${normalization !== undefined}`);
    };
    const before = tf.memory().numTensors;
    await forward(float, visit);
    expect(tf.memory().numTensors).toBe(before);
    expect(visited).toEqual(layers.map((l) => `${l.weights} ${l.normalization !== undefined}`));

    const held = inputs();
    const exact = model.predict(held).dataSync();
    const check = await forwardOf(tf, network, held);
    expect(relativeError(exact, await check(float, async () => {}))).toBe(0);
    const errorOf = async (options: object): Promise<number> => {
      const { file } = await compressWeights(network.tensors, { bytes: 3000, layers, ...options });
      const decoded = readWeights(file, DEFAULT_LIMITS).tensors;
      return relativeError(exact, await check(byName(decoded), async () => {}));
    };
    const [blind, seeing] = [await errorOf({}), await errorOf({ forward })];
    console.log(`relative error ${blind} without inputs, ${seeing} with`);
    expect(seeing).toBeLessThan(0.8 * blind);
  });

  it('does not look at inputs of convolutions whose channels come first', async () => {
    const config = {
      ...{ name: 'conv', filters: 4, kernel_size: [3, 3], strides: [1, 1], use_bias: false },
      ...{ data_format: 'channels_first', batch_input_shape: [null, 16, 10, 12] },
    };
    const json = {
      modelTopology: {
        class_name: 'Sequential',
        config: { name: 'model', layers: [{ class_name: 'Conv2D', config }] },
      },
      weightsManifest: [
        {
          paths: ['w'],
          weights: [{ name: 'conv/kernel', shape: [3, 3, 16, 4], dtype: 'float32' }],
        },
      ],
    };
    const shard = new Uint8Array(4 * 9 * 64);
    const inputs = tf.tensor(new Float32Array(16 * 120), [1, 16, 10, 12]);
    const network = fromTfjs(json, [shard]);
    const forward = await forwardOf(tf, network, inputs);
    const visited: string[] = [];
    await forward(byName(network.tensors), async ({ weights }) => void visited.push(weights));
    expect(visited).toEqual([]);
  });

  it('loads a model that was saved with its optimizer', async () => {
    const { model, json, shard } = await smallModel(tf);
    const { weightsManifest, ...rest } = json as { weightsManifest: { weights: object[] }[] };
    const state = { name: 'iter', shape: [], dtype: 'int32', group: 'optimizer' };
    const weights = [...weightsManifest[0]!.weights, state];
    const both = { ...rest, weightsManifest: [{ paths: ['w'], weights }] };
    const { metadata, tensors } = fromTfjs(both, [Uint8Array.of(...shard, 9, 0, 0, 0)]);
    const loaded = await tf.loadLayersModel(ioHandler(packWeights(tensors, { metadata })));
    expect(loaded.getWeights()).toHaveLength(model.getWeights().length);
  });

  it('loads a graph model', async () => {
    const type = { type: 'DT_FLOAT' };
    const json = {
      format: 'graph-model',
      modelTopology: {
        node: [
          {
            name: 'x',
            op: 'Placeholder',
            attr: { dtype: type, shape: { shape: { dim: [{ size: -1 }, { size: 2 }] } } },
          },
          { name: 'w', op: 'Const', attr: { dtype: type } },
          {
            name: 'y',
            op: 'MatMul',
            input: ['x', 'w'],
            attr: { T: type, transpose_a: { b: false }, transpose_b: { b: false } },
          },
        ],
        library: {},
        versions: {},
      },
      weightsManifest: [
        { paths: ['w'], weights: [{ name: 'w', shape: [2, 2], dtype: 'float32' }] },
      ],
    };
    const shard = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    const { metadata, tensors } = fromTfjs(json, [shard]);
    const model = await tf.loadGraphModel(ioHandler(packWeights(tensors, { metadata })));
    const y = model.predict(tf.tensor([10, 1], [1, 2])).dataSync();
    expect(Array.from(y)).toEqual([13, 24]);
  });

  it('says what is missing', async () => {
    const bare = packWeights([], {});
    await expect(ioHandler(bare).load()).rejects.toMatchObject({ code: 'BAD_MODEL' });
    expect(() => fromTfjs('{}', [])).toThrow(/Not a model.json/);
    expect(() => fromTfjs('{', [])).toThrow(/no JSON/);
  });
});

describe.runIf(haveNetworks())('public networks', () => {
  it('nsfwjs: MobileNet v2 loads in tfjs with the same weights', async () => {
    const folder = 'nsfwjs/dist/models/mobilenet_v2';
    const json = requireNetwork(`${folder}/model.min.js`) as object;
    const base64 = requireNetwork(`${folder}/group1-shard1of1.min.js`) as string;
    const { metadata, tensors } = fromTfjs(json, [new Uint8Array(Buffer.from(base64, 'base64'))]);
    const normalized = layersOf({ metadata, tensors }).filter((layer) => layer.normalization);
    expect(normalized).toHaveLength(35);
    const bytes = writeWeights({ metadata, tensors: tensors.map(quantize) });
    const floats = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
    console.log(`MobileNet v2: ${floats} bytes of floats in ${bytes.length}`);
    expect(bytes.length).toBeLessThan(floats / 5);
    // The search for the best coding takes long: let the runner's reports through.
    await new Promise(setImmediate);
    const { tensors: read } = readWeights(bytes, DEFAULT_LIMITS, WEIGHTS_ENGINES[0]);
    const artifacts = await ioHandler(bytes).load();
    expect(artifacts.weightSpecs.map(({ name }) => name)).toEqual(tensors.map(({ name }) => name));
    const tf = await loadTf();
    const model = await tf.loadLayersModel({ load: async () => artifacts });
    const hashes = new Set(read.map((tensor) => hashTensors([{ ...tensor, name: '' }])));
    for (const weight of model.getWeights()) {
      const tensor = { name: '', shape: weight.shape, dtype: 'float32', data: weight.dataSync() };
      expect(hashes).toContain(hashTensors([tensor as Tensor]));
    }
  }, 300_000);

  it('face-api: three networks come back bit for bit, the same on every engine', () => {
    for (const name of ['tiny_face_detector', 'face_landmark_68_tiny', 'face_expression']) {
      const file = join(NETWORKS, '@vladmandic/face-api/model', `${name}_model`);
      const json = readFileSync(`${file}-weights_manifest.json`, 'utf8');
      const { tensors } = fromTfjs(json, [new Uint8Array(readFileSync(`${file}.bin`))]);
      const expected = hashTensors(tensors);
      const bytes = packWeights(tensors);
      for (const engine of WEIGHTS_ENGINES) {
        expect(hashTensors(readWeights(bytes, DEFAULT_LIMITS, engine).tensors)).toBe(expected);
      }
    }
  });
});
