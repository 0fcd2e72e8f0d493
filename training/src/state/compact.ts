import { readFileSync } from 'node:fs';
import type { Layout } from '../model/parameters.ts';
import { frame, unframe, writeAtomically } from './checkpoint.ts';
import { fromHalf, toHalf } from './half.ts';

const MAGIC = 'SHVQHALF';

/** The shipped part of a run: averaged weights in half precision, the step and sigma. */
export interface Compact {
  step: number;
  /** Null in the last phase, where the assignment is hard. */
  sigma: number | null;
  weights: Float32Array;
}

/**
 * File: magic, u32 header length, JSON header {profile, step, sigma, tensors: [[name, shape]]},
 * then all tensors in that order as little-endian IEEE halves.
 */
export function writeCompact(
  path: string,
  profile: string,
  layout: Layout,
  { step, sigma, weights }: Compact,
): void {
  const tensors = layout.parameters.map((p) => [p.name, p.shape]);
  const halves = Uint16Array.from(weights, toHalf);
  const header = JSON.stringify({ profile, step, sigma, tensors });
  writeAtomically(path, [frame(MAGIC, header), new Uint8Array(halves.buffer)]);
}

/** Reads a compact state. Throws where its tensors are not the layout's. */
export function readCompact(path: string, layout: Layout): Compact {
  const file = readFileSync(path);
  const { header, end } = unframe(MAGIC, file, path);
  const expected = JSON.stringify(layout.parameters.map((p) => [p.name, p.shape]));
  if (JSON.stringify(header.tensors) !== expected) throw new Error(`${path}: other tensors`);
  const weights = new Float32Array(layout.size);
  for (let i = 0; i < weights.length; i++) weights[i] = fromHalf(file.readUInt16LE(end + 2 * i));
  return { step: header.step, sigma: header.sigma, weights };
}
