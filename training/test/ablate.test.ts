import { describe, expect, it } from 'vitest';
import { tables } from '../src/ablate/report.ts';
import type { AblationResult } from '../src/ablate/result.ts';

const curve = (factor: number) =>
  [0.1, 0.2, 0.4, 0.8].map((bpp, rate) => ({
    rate,
    bpp: bpp * factor,
    psnr: 26 + 2 * rate,
    msssim: 0.9 + 0.02 * rate,
    msssimDb: 10 + 2 * rate,
  }));

const result = (profile: string, factor: number): AblationResult => ({
  profile,
  minutes: 30,
  stepMilliseconds: 600,
  steps: 3000,
  machine: { cpu: 'a processor', node: 'v20', backend: 'cpu', commit: 'abc', date: '2026-01-01' },
  pictures: 8,
  curve: curve(factor),
  history: [],
});

describe('tables of ablations', () => {
  it('give the difference in rate to the first row of a question', () => {
    const text = tables([result('ablation', 1), result('ablation-fixed', 1.1)]);
    const row = text.split('\n').find((line) => line.includes('ablation-fixed'));
    expect(row).toContain('| +10.0 | +10.0 |');
  });

  it('leave out a rate that costs more for less quality', () => {
    const other = result('ablation-fixed', 1.1);
    other.curve.push({ ...other.curve[3], bpp: 2, psnr: 31, msssimDb: 15 });
    const text = tables([result('ablation', 1), other]);
    const row = text.split('\n').find((line) => line.includes('ablation-fixed'));
    expect(row).toContain('| +10.0 | +10.0 |');
  });

  it('say what has not been run, and leave out questions without their first row', () => {
    const text = tables([result('ablation', 1)]);
    expect(text).toContain('| `ablation-fixed` | not run yet |');
    expect(text).not.toContain('gap control');
  });
});
