import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** What a result has to say about how it came about. */
export interface Provenance {
  date: string;
  commit: string;
  command: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  node: string;
  v8: string;
  shvq: string;
}

/** @param command The npm script, for instance `bench`. */
export function provenance(command: string): Provenance {
  const options = process.argv.slice(2);
  return {
    date: new Date().toISOString(),
    commit: commit(),
    command: ['npm run', command, ...(options.length > 0 ? ['--', ...options] : [])].join(' '),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    v8: process.versions.v8,
    shvq: JSON.parse(readFileSync('package.json', 'utf8')).version,
  };
}

/** One line for a Markdown page. */
export function provenanceText(p: Provenance): string {
  return (
    `\`${p.command}\` on ${p.date.slice(0, 10)}, commit ${p.commit}, ${p.cpu} (${p.cores} cores, ` +
    `${p.memoryGiB} GiB), Node ${p.node} (V8 ${p.v8}), shvq ${p.shvq}.`
  );
}

function commit(): string {
  try {
    const head = git('rev-parse', '--short=12', 'HEAD');
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return changed ? `${head} with changes` : head;
  } catch {
    return 'unknown';
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
