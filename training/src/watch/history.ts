import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { writeAtomically } from '../state/checkpoint.ts';
import type { Softness } from './probe.ts';

/** Means over the steps since the last point. What is not a number in JSON is null there. */
export interface Point {
  step: number;
  phase: string;
  loss: number;
  /** Of the gradient, before clipping. */
  norm: number;
  /** By rate index; null where no sample had it. */
  bpp: (number | null)[];
  distortion: (number | null)[];
  sigma: number | null;
  learningRate: number;
  stepsPerSecond: number;
  /** Since the last point: the sum over a run is its length. */
  seconds: number;
  /** Steps whose gradient was not finite. */
  skipped: number;
  /** Resident memory of the process, MiB. */
  residentMiB: number;
  /** Measured now and then, while the assignment is soft. */
  softness?: Softness;
}

/** Lines of JSON with a step each, that a resumed run goes on with. */
export class History<T extends { step: number }> {
  readonly points: T[];

  /** Reads what a run wrote up to `step`; lines beyond belong to steps that are taken again. */
  constructor(
    private readonly path: string,
    step: number,
  ) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const lines = text.split('\n').filter((line) => line.endsWith('}'));
    this.points = lines.map((line) => JSON.parse(line) as T).filter((p) => p.step <= step);
    const kept = this.points.map((p) => `${JSON.stringify(p)}\n`).join('');
    if (kept !== text) writeAtomically(path, [Buffer.from(kept)]);
  }

  add(point: T): void {
    this.points.push(point);
    appendFileSync(this.path, `${JSON.stringify(point)}\n`);
  }
}
