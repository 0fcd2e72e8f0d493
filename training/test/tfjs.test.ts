import { expect, it } from 'vitest';
import { handlerFor } from '../../src/weights/tfjs/io-handler.ts';
import {
  compressWeights,
  createWeightsDecoder,
  forwardOf,
  fromTfjs,
  layersOf,
  packWeights,
  type Tf,
} from '../../src/weights.ts';
import { tf } from '../src/tf.ts';

await tf.setBackend('cpu');

it('loads and runs networks in the library that pages use, by its own types', async () => {
  const wasm = 'reference';
  const decoder = createWeightsDecoder({ wasm });
  const handlerOf = (file: Uint8Array) => handlerFor(decoder, file, {});
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [20], units: 30 })] });
  let network = fromTfjs('[]', []);
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['shard'], weights: weightSpecs }];
      const shard = new Uint8Array(weightData as ArrayBuffer);
      network = fromTfjs({ modelTopology, weightsManifest }, [shard]);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { metadata, tensors } = network;
  const x = tf.randomNormal([300, 20], 0, 1, 'float32', 1);
  const y = model.predict(x) as typeof x;

  const loaded = await tf.loadLayersModel(handlerOf(packWeights(tensors, { metadata })));
  expect((loaded.predict(x) as typeof x).dataSync()).toEqual(y.dataSync());

  const library: Tf = tf;
  const forward = await forwardOf(library, network, x);
  const options = { bytes: 1000, forward, layers: layersOf(network), metadata } as const;
  const { file } = await compressWeights(tensors, { ...options, wasm });
  const near = (await tf.loadLayersModel(handlerOf(file))).predict(x) as typeof x;
  expect(tf.losses.meanSquaredError(y, near).dataSync()[0]).toBeLessThan(0.01);
});
