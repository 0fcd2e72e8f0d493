import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArguments } from './arguments.js';
import { writeWhole } from './files.js';
import { HELP } from './help.js';
import { UsageError } from './options.js';
import { plan } from './plan.js';
import { runTasks } from './pool.js';
import { ProgressLine } from './progress.js';
import type { Task } from './tasks.js';
import { runWeights } from './weights/main.js';

/** Exit codes; those of signals are 128 plus the signal's number. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  mismatch: 3,
  sigint: 130,
  sigterm: 143,
} as const;

/**
 * Runs a command line.
 *
 * @param argv Arguments after the program's name.
 * @param script What worker threads run: the program itself.
 * @returns The exit code.
 */
export async function main(argv: string[], script: URL): Promise<number> {
  // Files are written in one synchronous step, between which these run: no half file is left.
  process.once('SIGINT', () => process.exit(EXIT.sigint));
  process.once('SIGTERM', () => process.exit(EXIT.sigterm));
  // As `shvq info *.shv | head` does to it.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  try {
    return await run(argv, script);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`shvq: ${error.message}\nshvq --help tells more\n`);
    return EXIT.usage;
  }
}

async function run(argv: string[], script: URL): Promise<number> {
  if (argv[0] === 'weights') return (await runWeights(argv.slice(1))) ? EXIT.ok : EXIT.failure;
  const args = parseArguments(argv);
  if (args.command === 'help') {
    process.stdout.write(HELP);
    return EXIT.ok;
  }
  if (args.command === 'version') {
    process.stdout.write(`${await version()}\n`);
    return EXIT.ok;
  }
  const tasks = await plan(args);
  const line = new ProgressLine(process.stderr, tasks.length, !args.quiet);
  const outcomes = runTasks(tasks, args.jobs ?? availableParallelism(), script, {
    progress: (index, fraction) => line.update(index, fraction),
    finished(index, { output }) {
      if (output) writeWhole(output.path, output.data);
      line.update(index, 1);
    },
  });
  let code: number = EXIT.ok;
  for (const [i, pending] of outcomes.entries()) {
    const outcome = await pending;
    line.clear();
    if ('error' in outcome) {
      const { code: name, message } = outcome.error;
      const file = fileOf(tasks[i]!);
      process.stderr.write(`shvq: ${file}: ${message} [${name}]\n`);
      if (args.json) print(JSON.stringify({ file, error: outcome.error }));
      code = EXIT.failure;
      continue;
    }
    const { report, text, mismatch } = outcome.result;
    if (mismatch && code === EXIT.ok) code = EXIT.mismatch;
    if (mismatch && args.quiet) process.stderr.write(`shvq: ${text}\n`);
    if (args.json) print(JSON.stringify(report));
    else if (!args.quiet) print(text);
  }
  return code;
}

function fileOf(task: Task): string {
  return task.command === 'compare' ? `${task.original}, ${task.input}` : task.input;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** From the package.json beside dist/. */
async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
