import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How to start an engine. */
export interface Engine {
  /** Lower case, as `--engines` takes it. */
  readonly name: string;
  readonly title: string;
  /** Where it may be; the first that exists is taken. */
  readonly candidates: readonly string[];
  /** What prints its version; left out: the executable with `--version`. */
  versionCommand?(executable: string): [executable: string, ...arguments: string[]];
  /**
   * @param executable One of `candidates`.
   * @param url Origin of server.ts.
   * @param folder An empty folder that is removed afterwards.
   * @returns What to run: it loads the case runner, which reports to the server.
   */
  command(executable: string, url: string, folder: string): Command | Promise<Command>;
}

export interface Command {
  readonly executable: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const HERE = fileURLToPath(new URL('..', import.meta.url));

/** A file of this folder. */
export const local = (path: string) => join(HERE, path);

/** A file of the packages that this folder's package.json lists. */
export const installed = (path: string) => join(HERE, 'node_modules', path);

export function executableOf({ candidates }: Engine): string | undefined {
  return candidates.find((path) => path !== '' && existsSync(path));
}
