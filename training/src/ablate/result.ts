import type { FloatPoint } from '../watch/float.ts';
import type { Softness } from '../watch/probe.ts';

/** What an ablation came to: a file of `ablations/`. */
export interface AblationResult {
  profile: string;
  /** Processor time that all ablations of a table were given, and what a step took of it. */
  minutes: number;
  stepMilliseconds: number;
  steps: number;
  machine: { cpu: string; node: string; backend: string; commit: string; date: string };
  /** Kodak pictures behind the curve. */
  pictures: number;
  curve: FloatPoint[];
  /** The quantizer over the steps, without the last phase, in which it is hard. */
  history: { step: number; sigma: number; softness: Softness }[];
}
