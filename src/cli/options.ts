import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { EngineBuild } from '../runtime/engine.js';

/** A mistake in the command line; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const BUILDS: readonly EngineBuild[] = ['simd', 'plain', 'reference'];

/** Options and what is left. @throws UsageError */
export function parseOptions<T extends NonNullable<ParseArgsConfig['options']>>(
  argv: string[],
  options: T,
) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/**
 * The command that is named.
 *
 * @param prefix Of the commands in messages.
 * @throws UsageError
 */
export function chooseCommand<T extends string>(
  name: string | undefined,
  commands: readonly T[],
  prefix = '',
): T {
  const command = commands.find((known) => known === name);
  if (command !== undefined) return command;
  const given = name === undefined ? 'Give a command' : `Unknown command "${name}"`;
  throw new UsageError(`${given}: ${prefix}${commands.join(', ')}`);
}

/** @throws UsageError */
export function toBuild(text: string): EngineBuild {
  const build = BUILDS.find((known) => known === text);
  if (build) return build;
  throw new UsageError(`--build is one of ${BUILDS.join(', ')}`);
}

/** @throws UsageError */
export function toInteger(name: string, text: string, low: number, high?: number): number {
  const value = Number(text);
  if (
    /^\d+$/.test(text) &&
    Number.isSafeInteger(value) &&
    value >= low &&
    value <= (high ?? value)
  ) {
    return value;
  }
  const range = high === undefined ? `of at least ${low}` : `in ${low}..${high}`;
  throw new UsageError(`--${name} takes an integer ${range}, not "${text}"`);
}

/** @throws UsageError */
export function toPositive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${name} takes a positive number, not "${text}"`);
}
