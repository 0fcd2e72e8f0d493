import type { EngineBuild } from '../../runtime/engine.js';
import { chooseCommand, parseOptions, toBuild, toPositive, UsageError } from '../options.js';

export const WEIGHTS_COMMANDS = ['compress', 'decompress', 'info', 'compare'] as const;
export type WeightsCommand = (typeof WEIGHTS_COMMANDS)[number];

/** A command line after `shvq weights`, with values in range. */
export interface WeightsArguments {
  command: WeightsCommand | 'help';
  paths: string[];
  ratio?: number;
  bytes?: number;
  epsilon?: number;
  lossless: boolean;
  build?: EngineBuild;
  json: boolean;
  quiet: boolean;
}

const OPTIONS = {
  ratio: { type: 'string', short: 'r' },
  bytes: { type: 'string', short: 'b' },
  epsilon: { type: 'string' },
  lossless: { type: 'boolean' },
  build: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Paths that each command takes: at least, and at most. */
const PATHS: Record<WeightsCommand, readonly [number, number]> = {
  compress: [2, 2],
  decompress: [2, 2],
  info: [1, Infinity],
  compare: [2, 2],
};

/** @throws UsageError */
export function parseWeightsArguments(argv: string[]): WeightsArguments {
  const { values, positionals } = parseOptions(argv, OPTIONS);
  const { json = false, lossless = false, quiet = false } = values;
  const [name, ...paths] = positionals;
  if (values.help) return { command: 'help', paths, lossless, json, quiet };
  const command = chooseCommand(name, WEIGHTS_COMMANDS, 'weights ');
  const [least, most] = PATHS[command];
  if (paths.length < least || paths.length > most) {
    throw new UsageError(`weights ${command} takes ${most === 2 ? 'two files' : 'files'}`);
  }
  const result: WeightsArguments = { command, paths, lossless, json, quiet };
  if (values.ratio !== undefined) result.ratio = toPositive('ratio', values.ratio);
  if (values.bytes !== undefined) result.bytes = Math.floor(toPositive('bytes', values.bytes));
  const sizes = [values.ratio, values.bytes, values.lossless].filter((size) => size !== undefined);
  if (command === 'compress' && sizes.length !== 1) {
    throw new UsageError('weights compress takes one of --ratio, --bytes and --lossless');
  }
  if (command !== 'compress' && sizes.length > 0) {
    throw new UsageError('--ratio, --bytes and --lossless belong to weights compress');
  }
  if (values.epsilon !== undefined) {
    if ((command !== 'compress' && command !== 'compare') || lossless) {
      throw new UsageError('--epsilon belongs to weights compress, if not --lossless, and compare');
    }
    result.epsilon = toPositive('epsilon', values.epsilon);
  }
  if (values.build !== undefined) result.build = toBuild(values.build);
  return result;
}
