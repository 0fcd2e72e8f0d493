import { parseArgs } from 'node:util';
import type { EngineBuild } from '../../runtime/engine.js';
import { UsageError } from '../arguments.js';

export const WEIGHTS_COMMANDS = ['compress', 'decompress', 'info', 'compare'] as const;
export type WeightsCommand = (typeof WEIGHTS_COMMANDS)[number];

/** A command line after `shvq weights`, with values in range. */
export interface WeightsArguments {
  command: WeightsCommand | 'help';
  paths: string[];
  ratio?: number;
  bytes?: number;
  lossless: boolean;
  build?: EngineBuild;
  json: boolean;
  quiet: boolean;
}

const OPTIONS = {
  ratio: { type: 'string', short: 'r' },
  bytes: { type: 'string', short: 'b' },
  lossless: { type: 'boolean' },
  build: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const BUILDS: readonly EngineBuild[] = ['simd', 'plain', 'reference'];

/** Paths that each command takes: at least, and at most. */
const PATHS: Record<WeightsCommand, readonly [number, number]> = {
  compress: [2, 2],
  decompress: [2, 2],
  info: [1, Infinity],
  compare: [2, 2],
};

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${name} takes a positive number, not "${text}"`);
}

/** @throws UsageError */
export function parseWeightsArguments(argv: string[]): WeightsArguments {
  const { values, positionals } = parse(argv);
  const { json = false, lossless = false, quiet = false } = values;
  const [name, ...paths] = positionals;
  if (values.help) return { command: 'help', paths, lossless, json, quiet };
  const command = WEIGHTS_COMMANDS.find((known) => known === name);
  if (!command) {
    const given = name === undefined ? 'Give a command' : `Unknown command "${name}"`;
    throw new UsageError(`${given}: weights ${WEIGHTS_COMMANDS.join(', ')}`);
  }
  const [least, most] = PATHS[command];
  if (paths.length < least || paths.length > most) {
    throw new UsageError(`weights ${command} takes ${most === 2 ? 'two files' : 'files'}`);
  }
  const result: WeightsArguments = { command, paths, lossless, json, quiet };
  if (values.ratio !== undefined) result.ratio = positive('ratio', values.ratio);
  if (values.bytes !== undefined) result.bytes = Math.floor(positive('bytes', values.bytes));
  const sizes = [values.ratio, values.bytes, values.lossless].filter((size) => size !== undefined);
  if (command === 'compress' && sizes.length !== 1) {
    throw new UsageError('weights compress takes one of --ratio, --bytes and --lossless');
  }
  if (command !== 'compress' && sizes.length > 0) {
    throw new UsageError('--ratio, --bytes and --lossless belong to weights compress');
  }
  if (values.build !== undefined) {
    const build = BUILDS.find((known) => known === values.build);
    if (!build) throw new UsageError(`--build is one of ${BUILDS.join(', ')}`);
    result.build = build;
  }
  return result;
}
