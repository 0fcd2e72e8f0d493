import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { GIVEN_MODELS, readCases } from './cases.js';
import { type Engine, executableOf } from './drivers/engine.js';
import { serve } from './server.js';

/** What became of an engine. */
export interface Trial {
  readonly engine: Engine;
  /** Undefined if it is not installed. */
  readonly version: string | undefined;
  /** The build that the package chooses by itself. */
  chosen?: string;
  /** By build: the cases that passed. */
  readonly passed: Record<string, string[]>;
  /** Cases that gave something else, and why the engine ended early. */
  readonly problems: string[];
  /** Whether the engine came to the end of all cases. */
  complete: boolean;
}

/** A message of exercise.js. */
type Report =
  | { chosen: string }
  | { build: string; name: string; problem?: string }
  | { failure: string }
  | { done: true };

/** Milliseconds that an engine has to clean up behind itself. */
const GRACE = 2000;

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-pid!, name);
  } catch {
    // The whole group has ended by itself.
  }
}

/** Ends a process and what it started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    signal(child, 'SIGTERM');
    await Promise.race([ended, setTimeout(GRACE, undefined, { ref: false })]);
  }
  signal(child, 'SIGKILL');
}

function versionOf(executable: string, ...arguments_: string[]): string {
  const { stdout } = spawnSync(executable, arguments_, { encoding: 'utf8', timeout: 30_000 });
  const first = (stdout ?? '').split('\n')[0]!;
  return first.match(/\d[\d.-]*\d\w*/)?.[0] ?? first;
}

/**
 * Starts an engine, lets it run all cases with all builds, and ends it.
 *
 * @param seconds After this long it is stopped, whatever it does.
 */
export async function tryEngine(engine: Engine, seconds: number): Promise<Trial> {
  const executable = executableOf(engine);
  const trial: Trial = { engine, version: undefined, passed: {}, problems: [], complete: false };
  if (!executable) {
    trial.problems.push(`not found: ${engine.candidates.filter(Boolean).join(', ') || 'no path'}`);
    return trial;
  }
  const folder = mkdtempSync(join(tmpdir(), `shvq-${engine.name}-`));
  const reports = new Reports(trial);
  const server = await serve(
    { '/cases.json': JSON.stringify({ cases: readCases(), models: GIVEN_MODELS }) },
    (_path, body) => reports.receive(JSON.parse(body)),
  );
  let child: ChildProcess | undefined;
  try {
    const version = versionOf(
      ...(engine.versionCommand?.(executable) ?? [executable, '--version']),
    );
    const command = await engine.command(executable, server.url, folder);
    child = spawn(command.executable, command.arguments, {
      detached: true,
      env: { ...process.env, ...command.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    Object.assign(trial, { version });
    const output = collect(child);
    const ended = new Promise<string>((resolve) => {
      child!.on('error', (error) => resolve(String(error)));
      child!.on('close', (code, how) => resolve(`ended with ${code ?? how}`));
    });
    const late = setTimeout(seconds * 1000, `stopped after ${seconds} s`, { ref: false });
    const how = await Promise.race([reports.finished, ended, late]);
    if (!trial.complete) {
      trial.problems.push(`${how}, after ${reports.last}\n${output().slice(-2000)}`.trimEnd());
    }
  } catch (error) {
    trial.problems.push(String(error));
  } finally {
    if (child?.pid) await end(child);
    server.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return trial;
}

class Reports {
  last = 'its start';
  readonly finished: Promise<string>;
  #finish!: (how: string) => void;

  constructor(private readonly trial: Trial) {
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  receive(report: Report): void {
    const { trial } = this;
    if ('chosen' in report) trial.chosen = report.chosen;
    else if ('failure' in report) this.#finish(report.failure);
    else if ('done' in report) {
      trial.complete = true;
      this.#finish('done');
    } else {
      const { build, name, problem } = report;
      this.last = `${name} (${build})`;
      if (problem) trial.problems.push(`${name} (${build}) ${problem}`);
      else trial.passed[build] = [...(trial.passed[build] ?? []), name];
    }
  }
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk) => {
      text = (text + chunk).slice(-20_000);
    });
  }
  return () => text;
}
