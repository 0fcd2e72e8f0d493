import type { EngineBuild } from '../runtime/engine.js';
import { EFFORT_MAX } from '../search/effort.js';
import { chooseCommand, parseOptions, toBuild, toInteger, UsageError } from './options.js';

export const COMMANDS = ['encode', 'decode', 'info', 'verify', 'compare'] as const;
export type CommandName = (typeof COMMANDS)[number];

const SCALES = ['1', '1/2', '1/4', '1/8'];

/** A command line whose values are in range. */
export interface Arguments {
  command: CommandName | 'help' | 'version';
  paths: string[];
  quality?: number;
  bytes?: number;
  effort?: number;
  profile?: string;
  /** Paths of .shvw files, in place of the shipped models. */
  decoder?: string;
  encoder?: string;
  metadata: boolean;
  build?: EngineBuild;
  /** 1/2, 1/4 or 1/8. */
  scale?: number;
  expect?: string;
  manifest?: string;
  /** Threads; left out: one for each core. */
  jobs?: number;
  json: boolean;
  quiet: boolean;
}

const OPTIONS = {
  quality: { type: 'string', short: 'q' },
  bytes: { type: 'string', short: 'b' },
  effort: { type: 'string', short: 'e' },
  profile: { type: 'string', short: 'p' },
  decoder: { type: 'string' },
  encoder: { type: 'string' },
  metadata: { type: 'boolean', short: 'm' },
  build: { type: 'string' },
  scale: { type: 'string', short: 's' },
  expect: { type: 'string' },
  manifest: { type: 'string' },
  jobs: { type: 'string', short: 'j' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

type OptionName = keyof typeof OPTIONS;

/** Options that only some commands know; the others are for all. */
const COMMANDS_OF: Partial<Record<OptionName, readonly CommandName[]>> = {
  quality: ['encode'],
  bytes: ['encode'],
  effort: ['encode'],
  profile: ['encode'],
  decoder: ['encode', 'decode', 'verify', 'compare'],
  encoder: ['encode'],
  metadata: ['encode'],
  build: ['encode', 'decode', 'verify', 'compare'],
  scale: ['decode', 'verify'],
  expect: ['verify'],
  manifest: ['verify'],
};

/** @throws UsageError */
export function parseArguments(argv: string[]): Arguments {
  const { values, positionals } = parseOptions(argv, OPTIONS);
  const common = {
    metadata: values.metadata ?? false,
    json: values.json ?? false,
    quiet: values.quiet ?? false,
  };
  if (values.help) return { ...common, command: 'help', paths: [] };
  if (values.version) return { ...common, command: 'version', paths: [] };
  const [name, ...paths] = positionals;
  const command = chooseCommand(name, COMMANDS);
  for (const option of Object.keys(values) as OptionName[]) {
    const commands = COMMANDS_OF[option];
    if (commands && !commands.includes(command)) {
      throw new UsageError(`--${option} belongs to ${commands.join(', ')}`);
    }
  }
  const result: Arguments = { ...common, command, paths };
  if (values.quality !== undefined) result.quality = toInteger('quality', values.quality, 0, 100);
  if (values.bytes !== undefined) result.bytes = toInteger('bytes', values.bytes, 1);
  if (values.effort !== undefined)
    result.effort = toInteger('effort', values.effort, 0, EFFORT_MAX);
  if (values.scale !== undefined) {
    const scale = SCALES.indexOf(values.scale);
    if (scale < 0) throw new UsageError(`--scale is one of ${SCALES.join(', ')}`);
    result.scale = 1 / 2 ** scale;
  }
  if (values.jobs !== undefined) result.jobs = toInteger('jobs', values.jobs, 1, 256);
  if (values.profile !== undefined) result.profile = values.profile;
  if (values.decoder !== undefined) result.decoder = values.decoder;
  if (values.encoder !== undefined) result.encoder = values.encoder;
  if (values.manifest !== undefined) result.manifest = values.manifest;
  if (values.expect !== undefined) {
    if (!/^[0-9a-f]{64}$/i.test(values.expect)) {
      throw new UsageError('--expect takes a SHA-256 of 64 hex digits');
    }
    result.expect = values.expect.toLowerCase();
  }
  if (values.build !== undefined) result.build = toBuild(values.build);
  requireSensible(result);
  return result;
}

function requireSensible({ command, paths, ...options }: Arguments): void {
  if (options.quality !== undefined && options.bytes !== undefined) {
    throw new UsageError('Give --quality or --bytes, not both');
  }
  if (options.expect !== undefined && options.manifest !== undefined) {
    throw new UsageError('Give --expect or --manifest, not both');
  }
  if (command === 'encode' && (options.decoder === undefined) !== (options.encoder === undefined)) {
    throw new UsageError('Give both --decoder and --encoder, or neither');
  }
  if (options.decoder !== undefined && options.profile !== undefined) {
    throw new UsageError('Give --profile or --decoder and --encoder, not both');
  }
  if ((command === 'encode' || command === 'decode') && paths.length < 2) {
    throw new UsageError(`${command} takes at least one input and, last, an output`);
  }
  if (command === 'compare' && paths.length !== 2) {
    throw new UsageError('compare takes two pictures');
  }
  if (command === 'info' && paths.length === 0) throw new UsageError('info takes files');
  if (command === 'verify') {
    if (paths.length === 0 && options.manifest === undefined) {
      throw new UsageError('verify takes files or --manifest');
    }
    if (options.expect !== undefined && paths.length !== 1) {
      throw new UsageError('--expect goes with one file');
    }
  }
}
