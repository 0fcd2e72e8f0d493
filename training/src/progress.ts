import type { Config } from './config.ts';
import type { StepResult } from './trainer.ts';
import type { Point } from './watch/history.ts';

/** Sums up the steps since the last point. */
export class Progress {
  private startedAt = Date.now();
  private startedStep: number;
  private loss = 0;
  private norm = 0;
  private skipped = 0;
  private counted = 0;
  private readonly bpp: Float64Array;
  private readonly distortion: Float64Array;
  private readonly samples: Float64Array;
  private latest: StepResult | undefined;

  constructor(config: Config, step: number) {
    this.startedStep = step;
    const { rates } = config.structure;
    this.bpp = new Float64Array(rates);
    this.distortion = new Float64Array(rates);
    this.samples = new Float64Array(rates);
  }

  add(result: StepResult): void {
    this.latest = result;
    if (!Number.isFinite(result.gradientNorm)) {
      this.skipped++;
      return;
    }
    this.counted++;
    this.loss += result.loss;
    this.norm += result.gradientNorm;
    result.rates.forEach((rate, i) => {
      const q = Math.round(rate);
      this.bpp[q] += result.bpp[i];
      this.distortion[q] += result.distortion[i];
      this.samples[q]++;
    });
  }

  /** What the steps since the last point came to, and a fresh start. */
  take(step: number): Point {
    const seconds = (Date.now() - this.startedAt) / 1000;
    const each = (sum: Float64Array) =>
      Array.from(sum, (v, q) => (this.samples[q] ? v / this.samples[q] : null));
    const sigma = this.latest?.schedule.sigma ?? Number.POSITIVE_INFINITY;
    const point: Point = {
      step,
      phase: this.latest?.schedule.phase ?? '',
      loss: this.loss / this.counted,
      norm: this.norm / this.counted,
      bpp: each(this.bpp),
      distortion: each(this.distortion),
      sigma: Number.isFinite(sigma) ? sigma : null,
      learningRate: this.latest?.schedule.learningRate ?? 0,
      stepsPerSecond: (step - this.startedStep) / seconds,
      seconds,
      skipped: this.skipped,
      residentMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    };
    this.startedAt = Date.now();
    this.startedStep = step;
    this.loss = this.norm = this.skipped = this.counted = 0;
    for (const sum of [this.bpp, this.distortion, this.samples]) sum.fill(0);
    return point;
  }

  /** Takes out time in which no step was taken. */
  leaveOut(milliseconds: number): void {
    this.startedAt += milliseconds;
  }
}

/** A point as a line for the terminal. */
export function lineOf(point: Point, totalSteps: number): string {
  const each = (values: (number | null)[], digits: number) =>
    values.map((v) => v?.toFixed(digits) ?? '-').join(' ');
  const parts = [
    `step ${point.step} ${point.phase}`,
    `loss ${point.loss.toFixed(4)}`,
    `norm ${point.norm.toFixed(2)}`,
    `bpp ${each(point.bpp, 3)}`,
    `D ${each(point.distortion, 5)}`,
    `sigma ${point.sigma?.toFixed(2) ?? 'hard'}`,
    `lr ${point.learningRate.toExponential(1)}`,
    `${point.stepsPerSecond.toFixed(2)} steps/s`,
    `${point.residentMiB} MiB`,
    `${((totalSteps - point.step) / point.stepsPerSecond / 60).toFixed(0)} min left`,
  ];
  if (point.skipped) parts.push(`${point.skipped} skipped`);
  return parts.join(' | ');
}
