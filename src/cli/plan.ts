import { readFile } from 'node:fs/promises';
import { extname, isAbsolute, relative, sep } from 'node:path';
import type { Arguments } from './arguments.js';
import { expand, IMAGE_EXTENSIONS, SHV_EXTENSIONS, transfers } from './files.js';
import { parseManifest } from './manifest.js';
import { UsageError } from './options.js';
import type { Engine, Task } from './tasks.js';

/**
 * The work of a command line, a task for each file, in order.
 *
 * @throws UsageError
 */
export async function plan(args: Arguments): Promise<Task[]> {
  const engine = engineOf(args);
  switch (args.command) {
    case 'encode': {
      const files = await expand(args.paths.slice(0, -1), IMAGE_EXTENSIONS);
      const { quality, bytes, effort, profile, metadata } = args;
      return (await transfers(files, args.paths.at(-1)!, '.shv')).map((transfer) => ({
        command: 'encode',
        ...transfer,
        metadata,
        ...(quality !== undefined && { quality }),
        ...(bytes !== undefined && { bytes }),
        ...(effort !== undefined && { effort }),
        ...(profile !== undefined && { profile }),
        engine,
      }));
    }
    case 'decode': {
      const files = await expand(args.paths.slice(0, -1), SHV_EXTENSIONS);
      const list = await transfers(files, args.paths.at(-1)!, '.png');
      for (const { output } of list) {
        if (extname(output).toLowerCase() !== '.png') {
          throw new UsageError(`decode writes PNG; ${output} should end in .png`);
        }
      }
      return list.map((transfer) => ({ command: 'decode', ...transfer, ...scaleOf(args), engine }));
    }
    case 'info':
      return (await expand(args.paths, SHV_EXTENSIONS)).map(({ path }) => ({
        command: 'info',
        input: path,
        engine,
      }));
    case 'verify':
      return verifications(args, engine);
    case 'compare':
      return [{ command: 'compare', original: args.paths[0]!, input: args.paths[1]!, engine }];
    default:
      return [];
  }
}

function scaleOf({ scale }: Arguments): { scale?: number } {
  return scale === undefined ? {} : { scale };
}

function engineOf({ build, decoder, encoder }: Arguments): Engine {
  return {
    ...(build && { build }),
    ...(decoder !== undefined && { decoder }),
    ...(encoder !== undefined && { encoder }),
  };
}

async function verifications(args: Arguments, engine: Engine): Promise<Task[]> {
  const manifest = args.manifest === undefined ? undefined : await readManifest(args.manifest);
  const found = await expand(args.paths, SHV_EXTENSIONS);
  const paths = found.map(({ path }) => path);
  const named = new Set(paths);
  const folders = new Set(found.flatMap(({ folder }) => folder ?? []));
  // A file that is gone from its folder is found in the manifest only.
  for (const path of manifest?.keys() ?? []) {
    const wanted = args.paths.length === 0 || [...folders].some((folder) => isIn(folder, path));
    if (wanted && !named.has(path)) paths.push(path);
  }
  return paths.map((input) => {
    const expected = manifest ? manifest.get(input) : args.expect;
    if (manifest && expected === undefined) {
      throw new UsageError(`${args.manifest} does not list ${input}`);
    }
    return {
      command: 'verify',
      input,
      ...(expected !== undefined && { expected }),
      ...scaleOf(args),
      engine,
    };
  });
}

function isIn(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(sep)[0] !== '..';
}

async function readManifest(path: string): Promise<Map<string, string>> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError(`Cannot read the manifest: ${error.message}`);
  });
  return parseManifest(text, path);
}
