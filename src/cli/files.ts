import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { UsageError } from './options.js';

export const IMAGE_EXTENSIONS = [
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.avif',
  '.tif',
  '.tiff',
  '.gif',
] as const;
export const SHV_EXTENSIONS = ['.shv'] as const;

/** A file that a command works on, and the folder of the command line that it was found in. */
export interface Found {
  path: string;
  folder?: string;
}

/**
 * Files as they are named, and the files with one of the extensions in folders and below, sorted.
 * Links to files are files, and those that lead nowhere fail when they are read; links to folders in
 * folders are passed over, for they may lead back.
 *
 * @throws UsageError if a folder has none.
 */
export async function expand(paths: string[], extensions: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const path of paths) {
    if (!(await isFolder(path))) {
      found.push({ path });
      continue;
    }
    const inside: string[] = [];
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (!extensions.includes(extname(entry.name).toLowerCase())) continue;
      const file = join(entry.parentPath ?? entry.path, entry.name);
      if (entry.isFile() || (entry.isSymbolicLink() && !(await isFolder(file)))) inside.push(file);
    }
    inside.sort();
    if (inside.length === 0) {
      throw new UsageError(`No ${extensions.join(', ')} files in ${path}`);
    }
    found.push(...inside.map((file) => ({ path: file, folder: path })));
  }
  return found;
}

export interface Transfer {
  input: string;
  output: string;
}

/**
 * Names the outputs: `out` itself for one plain file, else files in the folder `out`.
 *
 * @throws UsageError if two outputs, or an output and an input, would be the same file.
 */
export async function transfers(
  inputs: Found[],
  out: string,
  extension: string,
): Promise<Transfer[]> {
  const single = inputs.length === 1 && inputs[0]!.folder === undefined;
  const intoFolder = !single || /[\\/]$/.test(out) || (await isFolder(out));
  const result = inputs.map(({ path, folder }) => {
    if (!intoFolder) return { input: path, output: out };
    const name = folder === undefined ? basename(path) : relative(folder, path);
    return {
      input: path,
      output: join(out, name.slice(0, -extname(name).length || undefined) + extension),
    };
  });
  const inputOf = new Map<string, string>();
  const sources = new Set(await Promise.all(result.map(({ input }) => identity(input))));
  for (const { input, output } of result) {
    const key = await identity(output);
    if (sources.has(key)) throw new UsageError(`${output} is an input and an output`);
    const other = inputOf.get(key);
    if (other !== undefined) {
      throw new UsageError(`${other} and ${input} would both become ${output}`);
    }
    inputOf.set(key, input);
  }
  return result;
}

/** One name for a file, whatever links lead to it: outputs follow them. */
function identity(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

/**
 * Writes a file under a temporary name beside its place and renames it, so that the place never
 * holds a half of it. Synchronous: a signal's handler finds the temporary name free again. Links
 * stay and what they lead to is replaced; devices and pipes are written to.
 */
export function writeWhole(path: string, data: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const status = statSync(path, { throwIfNoEntry: false });
  if (status && !status.isFile()) {
    writeFileSync(path, data);
    return;
  }
  const place = status ? realpathSync(path) : path;
  // Short: names may be as long as file systems let them.
  const temporary = join(dirname(place), `.shvq-${process.pid}.tmp`);
  try {
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, data);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, place);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
