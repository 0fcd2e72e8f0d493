import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Runs `npm run <script>` unless every product is newer than every source. Paths from the root. */
export function runUnlessFresh(script: string, products: string[], sources: string[]): void {
  const oldest = Math.min(...products.map(modified));
  if (oldest > Math.max(...sources.map(newest))) return;
  execFileSync('npm', ['run', '--silent', script], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Modification time of a file; 0 if there is none. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Latest modification time of a file, or of the files in a folder and below. */
function newest(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return modified(path);
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
