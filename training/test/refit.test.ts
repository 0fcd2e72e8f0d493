import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportModel } from '../src/export/model.ts';
import { batchLoss, lambdasOf } from '../src/loss/batch.ts';
import { freshState } from '../src/optim/optimizer.ts';
import { drawSearched, searchedCrops } from '../src/refit/searched.ts';
import { Rng } from '../src/rng.ts';
import { tf } from '../src/tf.ts';
import { refitWeights, trainStep, unpack } from '../src/trainer.ts';
import { startedTestProfile, syntheticImages } from './fixtures.ts';

await tf.setBackend('cpu');

const images = syntheticImages();

function started(effort: number) {
  const { config, layout, weights } = startedTestProfile();
  const change = { batch: 2, crop: 32, totalSteps: 4, refitShare: 0.5, mseShare: 1 };
  const run = { ...config.run, ...change, refitSearch: { crops: 12, effort } };
  const tiny = { ...config, run };
  const refit = refitWeights(tiny, layout, weights);
  const model = () => exportModel(tiny, layout, refit, images);
  const path = join(mkdtempSync(join(tmpdir(), 'shvq-refit-')), 'searched.bin');
  return { config: tiny, layout, weights, refit, model, path };
}

it('codes the nearest centers at effort 0, whose loss is that of the pictures', async () => {
  const { config, layout, refit, model, path } = started(0);
  const crops = await searchedCrops(config, model, images, path);
  const { data, rates, symbols } = drawSearched(crops, 8, new Rng(3));
  const options = { sigma: Number.POSITIVE_INFINITY, forward: 'hard' } as const;
  const weights = unpack(layout, refit);
  const batch = {
    x: tf.tensor4d(data, [8, 32, 32, 3]),
    rates,
    lambda: lambdasOf(config, 'mse', rates),
  };
  const at = (more: object) =>
    batchLoss(config, weights, { ...batch, ...more }, 'mse', options).total.dataSync()[0];
  const latent = tf.tensor4d(symbols, [8, 2, 2, config.structure.channels], 'int32');
  // The integer analysis rounds a few latents to the other side of a boundary.
  expect(at({ symbols: latent }) / at({})).toBeCloseTo(1, 2);
});

it('keeps what it has found, and searches once', async () => {
  const { config, model, path } = started(2);
  const found = await searchedCrops(config, model, images, path);
  expect(statSync(path).size).toBe(12 * 2 * 2 * config.structure.channels);
  const again = await searchedCrops(
    config,
    () => {
      throw new Error('searched again');
    },
    images,
    path,
  );
  expect(again.map(({ symbols }) => [...symbols])).toEqual(
    found.map(({ symbols }) => [...symbols]),
  );
  expect(drawSearched(again, 3, new Rng(9))).toEqual(drawSearched(found, 3, new Rng(9)));
  const nearest = started(0);
  const plain = await searchedCrops(nearest.config, nearest.model, images, nearest.path);
  expect(plain.some(({ symbols }, i) => symbols.some((s, k) => s !== found[i].symbols[k]))).toBe(
    true,
  );
  expect(existsSync(`${path}.part`)).toBe(false);
  expect(readFileSync(path).length).toBeGreaterThan(0);
});

it('lets signals in while it searches, and stops', async () => {
  const { config, model, path } = started(0);
  let stop = false;
  const stopped = () => {
    setImmediate(() => {
      stop = true;
    });
    return stop;
  };
  expect(await searchedCrops(config, model, images, path, stopped)).toEqual([]);
  expect(existsSync(path)).toBe(false);
});

it('trains the decoder alone on what was found', async () => {
  const { config, layout, weights, model, path } = started(2);
  const state = freshState(weights);
  const rng = new Rng(1);
  const crops = await searchedCrops(config, model, images, path);
  trainStep(config, layout, state, 2, images, rng, crops);
  const before = state.weights.slice();
  const words = Uint32Array.from(rng.state);
  const { loss } = trainStep(config, layout, state, 3, images, rng, crops);
  expect(Number.isFinite(loss)).toBe(true);
  for (const { name, offset, size } of layout.parameters) {
    const changed = state.weights
      .subarray(offset, offset + size)
      .some((v, i) => v !== before[offset + i]);
    if (/^(analysis|centers)|^gains.encoder/.test(name)) expect(changed, name).toBe(false);
    if (name === 'synthesis.stem.w') expect(changed).toBe(true);
  }
  // Crops are all that it draws.
  const again = new Rng(words);
  drawSearched(crops, 2, again);
  expect(rng.state).toEqual(again.state);
});
