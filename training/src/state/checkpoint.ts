import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { OptimizerState } from '../optim/optimizer.ts';

/** All that a run needs to go on as if it had not stopped. */
export interface Checkpoint {
  step: number;
  rng: Uint32Array;
  state: OptimizerState;
  /** Numbers that a controller needs to go on. */
  control?: Record<string, number>;
}

const MAGIC = 'SHVQRUN1';
const VECTORS = ['weights', 'ema', 'first', 'second'] as const;

/**
 * File: 8 bytes of magic, u32 header length (little-endian), JSON header, then the four flat
 * vectors as f32. Written beside and renamed, so that a reader never sees half a file.
 */
export function writeCheckpoint(path: string, { step, rng, state, control }: Checkpoint): void {
  const header = JSON.stringify({
    step,
    rng: Array.from(rng),
    size: state.weights.length,
    moments: state.moments,
    averaged: state.averaged,
    annealing: state.annealing,
    control,
  });
  writeAtomically(path, [
    frame(MAGIC, header),
    ...VECTORS.map(
      (v) => new Uint8Array(state[v].buffer, state[v].byteOffset, state[v].byteLength),
    ),
  ]);
}

/** Reads what `writeCheckpoint` wrote. Throws where the layout has another size. */
export function readCheckpoint(path: string, size: number): Checkpoint {
  const file = readFileSync(path);
  const { header, end } = unframe(MAGIC, file, path);
  if (header.size !== size) throw new Error(`${path}: ${header.size} weights, not ${size}`);
  const vector = (i: number) => {
    const from = file.byteOffset + end + i * size * 4;
    return new Float32Array(file.buffer.slice(from, from + size * 4));
  };
  return {
    step: header.step,
    rng: Uint32Array.from(header.rng),
    ...(header.control && { control: header.control }),
    state: {
      weights: vector(0),
      ema: vector(1),
      first: vector(2),
      second: vector(3),
      moments: header.moments,
      averaged: header.averaged,
      annealing: header.annealing ?? { sigma: 0, firstGap: null },
    },
  };
}

/** Magic and JSON header as bytes. */
export function frame(magic: string, header: string): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from(magic, 'latin1'), length, text]);
}

// biome-ignore lint/suspicious/noExplicitAny: the header is whatever the writer put there
export function unframe(magic: string, file: Buffer, path: string): { header: any; end: number } {
  if (file.toString('latin1', 0, 8) !== magic) throw new Error(`${path}: not a ${magic} file`);
  const end = 12 + file.readUInt32LE(8);
  return { header: JSON.parse(file.toString('utf8', 12, end)), end };
}

export function writeAtomically(path: string, parts: Uint8Array[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(`${path}.part`, 'w');
  for (const part of parts) {
    for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
  }
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.part`, path);
}
