import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from '../model/parameters.ts';
import { readCheckpoint } from './checkpoint.ts';
import { readCompact } from './compact.ts';

/** The averaged weights of a run, flat in the layout's order, and the step they belong to. */
export interface Averaged {
  weights: Float32Array;
  step: number;
  path: string;
}

/**
 * Loads a compact state (*.half) or a checkpoint (*.bin). Without a path: the profile's own
 * checkpoint, or its compact state where there is none.
 */
export function loadAveraged(
  root: string,
  profile: string,
  layout: Layout,
  given?: string,
): Averaged {
  const checkpoint = join(root, 'runs', profile, 'checkpoint.bin');
  const compact = join(root, 'checkpoints', `${profile}.half`);
  const path = given ?? (existsSync(checkpoint) ? checkpoint : compact);
  if (path.endsWith('.half')) return { path, ...readCompact(path, layout) };
  const { step, state } = readCheckpoint(path, layout.size);
  return { path, step, weights: state.ema };
}
