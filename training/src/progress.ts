import type { Config } from './config.ts';
import type { StepResult } from './trainer.ts';

/** Sums up the steps since the last line. */
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

  constructor(
    private readonly config: Config,
    step: number,
  ) {
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
    result.rates.forEach((q, i) => {
      this.bpp[q] += result.bpp[i];
      this.distortion[q] += result.distortion[i];
      this.samples[q]++;
    });
  }

  /** One line about the steps since the last one, and a fresh start. */
  line(step: number): string {
    const seconds = (Date.now() - this.startedAt) / 1000;
    const speed = (step - this.startedStep) / seconds;
    const left = (this.config.run.totalSteps - step) / speed / 60;
    const schedule = this.latest?.schedule;
    const each = (sum: Float64Array, digits: number) =>
      Array.from(sum, (v, q) => (v / this.samples[q]).toFixed(digits)).join(' ');
    const parts = [
      `step ${step} ${schedule?.phase}`,
      `loss ${(this.loss / this.counted).toFixed(4)}`,
      `norm ${(this.norm / this.counted).toFixed(2)}`,
      `bpp ${each(this.bpp, 3)}`,
      `D ${each(this.distortion, 5)}`,
      `sigma ${schedule?.sigma.toFixed(2)}`,
      `lr ${schedule?.learningRate.toExponential(1)}`,
      `${speed.toFixed(2)} steps/s`,
      `${left.toFixed(0)} min left`,
    ];
    if (this.skipped) parts.push(`${this.skipped} skipped`);
    this.startedAt = Date.now();
    this.startedStep = step;
    this.loss = this.norm = this.skipped = this.counted = 0;
    for (const sum of [this.bpp, this.distortion, this.samples]) sum.fill(0);
    return parts.join(' | ');
  }
}
