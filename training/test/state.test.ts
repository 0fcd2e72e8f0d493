import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshState } from '../src/optim/optimizer.ts';
import { Rng } from '../src/rng.ts';
import { readCheckpoint, writeCheckpoint } from '../src/state/checkpoint.ts';
import { readCompact, writeCompact } from '../src/state/compact.ts';
import { fromHalf, toHalf } from '../src/state/half.ts';
import { startedTestProfile } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'shvq-training-'));

describe('half precision', () => {
  it('keeps every half', () => {
    for (let h = 0; h < 0x7c00; h++) {
      expect(toHalf(fromHalf(h))).toBe(h);
      expect(toHalf(fromHalf(h | 0x8000))).toBe(h | 0x8000);
    }
  });

  it('rounds to the nearest, ties to even', () => {
    expect(fromHalf(toHalf(1 + 2 ** -11))).toBe(1);
    expect(fromHalf(toHalf(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(fromHalf(toHalf(2 - 2 ** -12))).toBe(2);
    expect(fromHalf(toHalf(1e6))).toBe(65504);
    expect(fromHalf(toHalf(2 ** -26))).toBe(0);
  });
});

describe('states on disk', () => {
  const { layout, weights } = startedTestProfile();

  it('a checkpoint comes back as it was', () => {
    const rng = new Rng(3);
    const state = freshState(weights);
    for (const v of [state.ema, state.first, state.second]) {
      for (let i = 0; i < v.length; i++) v[i] = rng.normal();
    }
    const checkpoint = { step: 12, rng: rng.state, state: { ...state, moments: 5, averaged: 11 } };
    const path = join(folder, 'checkpoint.bin');
    writeCheckpoint(path, checkpoint);
    expect(readCheckpoint(path, layout.size)).toEqual(checkpoint);
    expect(() => readCheckpoint(path, layout.size + 1)).toThrow(/weights/);
  });

  it('a compact state holds halves of the weights', () => {
    const path = join(folder, 'state.half');
    writeCompact(path, 'test', layout, { step: 7, sigma: 2.5, weights });
    const back = readCompact(path, layout);
    expect(back.step).toBe(7);
    expect(back.sigma).toBe(2.5);
    weights.forEach((w, i) => {
      expect(Math.abs(back.weights[i] - w)).toBeLessThanOrEqual(Math.abs(w) * 2 ** -11 + 2 ** -25);
    });
  });

  it('a file of another kind is refused', () => {
    const path = join(folder, 'other.half');
    writeFileSync(path, 'not a state at all');
    expect(() => readCompact(path, layout)).toThrow(/not a/);
  });
});
