import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chart } from '../src/watch/chart.ts';
import type { Evaluation } from '../src/watch/evaluate.ts';
import { History, type Point } from '../src/watch/history.ts';
import { pageOf } from '../src/watch/page.ts';
import { startedTestProfile } from './fixtures.ts';

const point = (step: number): Point => ({
  step,
  phase: 'mse',
  loss: 1 / step,
  norm: 1,
  bpp: [0.1, null, 0.3, 0.4, 0.5, 0.6],
  distortion: [0.01, null, 0.01, 0.01, 0.01, 0.01],
  sigma: step > 100 ? null : 2,
  learningRate: 1e-3,
  stepsPerSecond: 2,
  seconds: 25,
  skipped: 0,
  residentMiB: 900,
});

describe('history', () => {
  it('goes on at the step of the checkpoint, without what came after it', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'shvq-watch-')), 'history.jsonl');
    const first = new History<Point>(path, 0);
    for (const step of [50, 100, 150]) first.add(point(step));
    const resumed = new History<Point>(path, 120);
    expect(resumed.points.map((p) => p.step)).toEqual([50, 100]);
    resumed.add(point(150));
    expect(new History<Point>(path, 1e9).points).toEqual([50, 100, 150].map(point));
    expect(readFileSync(path, 'utf8').split('\n').length).toBe(4);
  });
});

describe('page', () => {
  it('draws the ends of a series at the ends of the axes', () => {
    const svg = chart('Title', [
      {
        name: 'a',
        points: [
          [10, 5],
          [20, null],
          [30, 7],
        ],
      },
    ]);
    expect(svg).toContain('<polyline points="60.0,180.0 550.0,30.0"');
    for (const label of ['>Title<', '>10<', '>30<', '>5<', '>7<']) expect(svg).toContain(label);
  });

  it('shows curves, and crops only after an evaluation', () => {
    const { config } = startedTestProfile();
    const points = [50, 100, 150].map(point);
    const before = pageOf(config, points, [], ['kodim01.png']);
    expect(before).toContain('Step 150 of 1200, mse');
    expect(before).not.toContain('<img');
    const evaluation: Evaluation = {
      step: 150,
      pictures: 1,
      seconds: 9,
      rates: [0, 100].map((quality) => ({
        quality,
        bpp: 0.1 + quality / 100,
        psnr: 30,
        msssim: 0.9,
        msssimDb: 10,
      })),
    };
    const after = pageOf(config, points, [evaluation], ['kodim01.png']);
    for (const name of ['source', 'q0', 'q100']) {
      expect(after).toContain(`src="crops/kodim01-${name}.png"`);
    }
  });
});
