import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

/** Where time goes; `other` is JavaScript and garbage collection. */
export const PHASES = ['context', 'coder', 'synthesis', 'analysis', 'colour', 'other'] as const;
export type Phase = (typeof PHASES)[number];

/** Parts of the time, which add up to 1. */
export type PhaseShares = Record<Phase, number>;

const SAMPLED_MS = 3000;

/** A node of V8's CPU profile. */
interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

/**
 * The SIMD kernels with their functions' names kept and no function inlined into another, so that a
 * profile tells them apart. A few percent slower than what ships; used for shares only.
 */
export function profilingKernels(): Uint8Array {
  execFileSync(process.execPath, ['scripts/build-wasm.mjs', '--profiling'], { stdio: 'inherit' });
  return readFileSync('build/profiling.wasm');
}

/** Samples the stack while `run` runs for a while, and sorts the samples by their kernels. */
export async function phaseShares(
  run: () => Promise<unknown>,
  operation: 'decode' | 'encode',
): Promise<PhaseShares> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  const end = performance.now() + SAMPLED_MS;
  do await run();
  while (performance.now() < end);
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const nodes = new Map((profile.nodes as ProfileNode[]).map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const { id, children } of nodes.values()) {
    for (const child of children ?? []) parents.set(child, id);
  }
  const times: PhaseShares = {
    context: 0,
    coder: 0,
    synthesis: 0,
    analysis: 0,
    colour: 0,
    other: 0,
  };
  let total = 0;
  for (const [i, id] of profile.samples!.entries()) {
    if (nodes.get(id)!.callFrame.functionName === '(idle)') continue;
    const time = profile.timeDeltas![i]!;
    times[phaseOf(stack(id))] += time;
    total += time;
  }
  for (const phase of PHASES) times[phase] /= total;
  return times;

  /** Names of the functions from the innermost outwards. */
  function stack(id: number): ProfileNode['callFrame'][] {
    const frames = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      frames.push(nodes.get(at)!.callFrame);
    }
    return frames;
  }

  function phaseOf(frames: ProfileNode['callFrame'][]): Phase {
    const kernels = frames.filter(({ url }) => url.startsWith('wasm:'));
    const names = kernels.map(({ functionName }) => functionName.split('/').at(-1)!);
    if (names.length === 0) return 'other';
    const within = (...wanted: string[]): boolean => wanted.some((name) => names.includes(name));
    if (within('decodeSymbols', 'encodeSymbols', 'startDecoder', 'startEncoder', 'finishEncoder')) {
      return 'coder';
    }
    if (within('decodeWaves', 'encodeWaves', 'startDecodingTile', 'startEncodingTile')) {
      return 'context';
    }
    if (within('readPixels', 'writePixels')) return 'colour';
    return operation === 'decode' ? 'synthesis' : 'analysis';
  }
}
