import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a run has come to. */
export interface CompressResult {
  name: string;
  seed: number;
  /** Steps taken, and those of the whole run: a run that was stopped is no result of the method. */
  step: number;
  steps: number;
  epochs: number;
  /** Of the whole file. */
  bytes: number;
  /** Bytes of the float network over bytes of the file. */
  ratio: number;
  /** Of the decoded file on the test pictures, per cent. */
  accuracy: number;
  /** Of the network compressed after training that the run started from. */
  startAccuracy: number;
  test: number;
  /** Processor hours of training. */
  hours: number;
  cpu: string;
  date: string;
}

/** Puts a result into a JSON file, in place of an older one of its name, and the table beside it. */
export function recordResult(path: string, result: CompressResult): void {
  const old = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CompressResult[]) : [];
  const all = [...old.filter(({ name }) => name !== result.name), result];
  all.sort((a, b) => a.ratio - b.ratio || a.name.localeCompare(b.name));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(all, null, 1)}\n`);
  writeFileSync(path.replace(/\.json$/, '.md'), tableOf(all));
}

function tableOf(results: readonly CompressResult[]): string {
  const lines = results.map(
    (r) =>
      `| ${r.name} | ${r.bytes.toLocaleString('en')} | ${r.ratio.toFixed(2)} | ` +
      `${r.accuracy.toFixed(2)} | ${r.startAccuracy.toFixed(2)} | ` +
      `${r.step.toLocaleString('en')} of ${r.steps.toLocaleString('en')} | ` +
      `${r.epochs.toFixed(2)} | ${r.hours.toFixed(2)} | ${r.seed} |`,
  );
  return [
    'Networks compressed while they are trained: `npm run compress` in training/. Ratio: bytes of',
    'float32 over bytes of the whole file. Accuracy of the decoded file on the test pictures; at the',
    'start, that of the network compressed after training. A run that was stopped before its last',
    'step says how far it came, not what the method reaches.',
    '',
    '| run | bytes | ratio | accuracy, % | at the start, % | steps | epochs | processor hours | seed |',
    '|---|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
