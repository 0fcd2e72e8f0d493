import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../src/config.ts';
import { capGains } from '../src/model/overload.ts';
import { freshState } from '../src/optim/optimizer.ts';
import { refitStart } from '../src/optim/schedule.ts';
import { Rng } from '../src/rng.ts';
import { readCheckpoint, writeCheckpoint } from '../src/state/checkpoint.ts';
import { tf } from '../src/tf.ts';
import { trainStep, unpack } from '../src/trainer.ts';
import { startedTestProfile, syntheticImages } from './fixtures.ts';

await tf.setBackend('cpu');

const images = syntheticImages();

function started(change: Partial<Config['run']>) {
  const { config, layout, weights } = startedTestProfile();
  const run = { ...config.run, batch: 2, crop: 32, warmupSteps: 5, ...change };
  return { config: { ...config, run }, layout, state: freshState(weights), rng: new Rng(1) };
}

describe('training', () => {
  it('lowers the loss', async () => {
    const { config, layout, state, rng } = started({ totalSteps: 100 });
    // The loss of a fixed batch, before the step that this call takes on a copy.
    const probe = () =>
      trainStep(config, layout, structuredClone(state), 40, images, new Rng(77)).loss;
    const before = probe();
    for (let step = 0; step < 40; step++) {
      trainStep(config, layout, state, step, images, rng);
      // Lets the test runner hear from its worker.
      await new Promise((next) => setImmediate(next));
    }
    expect(probe()).toBeLessThan(0.99 * before);
  });

  it('goes on bit for bit from a checkpoint, also into the last phase', () => {
    const total = 8;
    const path = join(mkdtempSync(join(tmpdir(), 'shvq-training-')), 'checkpoint.bin');
    const whole = started({ totalSteps: total, refitShare: 0.25 });
    const first = started({ totalSteps: total, refitShare: 0.25 });
    const runTo = (r: typeof whole, from: number, to: number) => {
      for (let step = from; step < to; step++) {
        trainStep(r.config, r.layout, r.state, step, images, r.rng);
      }
    };
    runTo(whole, 0, total);
    runTo(first, 0, 3);
    writeCheckpoint(path, { step: 3, rng: first.rng.state, state: first.state });
    const read = readCheckpoint(path, first.layout.size);
    runTo({ ...first, state: read.state, rng: new Rng(read.rng) }, read.step, total);
    expect(read.state).toEqual(whole.state);
  });

  it('leaves the encoder alone in the last phase, but for gains that overload', () => {
    const { config, layout, state, rng } = started({ totalSteps: 4, refitShare: 0.5 });
    const at = refitStart(config.run);
    expect(at).toBe(2);
    trainStep(config, layout, state, 0, images, rng);
    trainStep(config, layout, state, 1, images, rng);
    const average = state.ema.slice();
    const averaged = unpack(layout, average);
    const gains = layout.byName.get('gains.encoder');
    if (!gains) throw new Error('no gains');
    average.set(capGains(averaged, config.structure), gains.offset);
    trainStep(config, layout, state, 2, images, rng);
    for (const p of layout.parameters) {
      const part = (v: Float32Array) => v.slice(p.offset, p.offset + p.size);
      const isDecoder = /^(synthesis|context|gains.decoder)/.test(p.name);
      if (isDecoder) expect(part(state.weights), p.name).not.toEqual(part(average));
      else expect(part(state.weights), p.name).toEqual(part(average));
    }
  });

  it('takes a step on MS-SSIM', () => {
    const change = { totalSteps: 100, mseShare: 0, crop: 176, batch: 1 };
    const { config, layout, state, rng } = started(change);
    const result = trainStep(config, layout, state, 0, images, rng);
    expect(result.schedule.phase).toBe('mixed');
    expect(result.gradientNorm).toBeGreaterThan(0);
    expect(Number.isFinite(result.loss)).toBe(true);
  });
});
