/**
 * Runs every case of conformance/ in every engine with every build, on the built package:
 *
 *   npm ci --prefix test/engines     the engines that are packages; browsers come from the system
 *   npm run test:engines             all ten; writes docs/engines.md
 *   npm run test:engines -- --engines node-22,firefox [--seconds 300]
 *
 * Fails where a case gives something else, where an engine does not get to the end in time, and,
 * without `--engines`, where one of the ten is missing.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, readCases } from './cases.js';
import { ENGINES } from './drivers/index.js';
import { BUILDS, table } from './table.js';
import { type Trial, tryEngine } from './trial.js';

const { values } = parseArgs({
  options: { engines: { type: 'string' }, seconds: { type: 'string', default: '240' } },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds}`);
const chosen = values.engines?.split(',').map((name) => {
  const engine = ENGINES.find((known) => known.name === name);
  if (!engine)
    throw new Error(`No engine ${name}; known: ${ENGINES.map((e) => e.name).join(', ')}`);
  return engine;
});

const total = readCases().length;
const trials: Trial[] = [];
for (const engine of chosen ?? ENGINES) {
  const started = performance.now();
  const trial = await tryEngine(engine, seconds);
  trials.push(trial);
  const counts = BUILDS.map((build) => `${build} ${trial.passed[build]?.length ?? 0}`).join(', ');
  const time = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${engine.title} ${trial.version ?? ''}: ${counts} of ${total}, ${time} s`);
  for (const problem of trial.problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`);
}

const failed = trials.filter(
  ({ complete, passed, problems }) =>
    !complete || problems.length > 0 || BUILDS.some((build) => passed[build]?.length !== total),
);
if (!chosen) writeFileSync(join(ROOT, 'docs/engines.md'), table(trials, total));
console.log(`${trials.length - failed.length} of ${trials.length} engines passed`);
process.exitCode = failed.length > 0 ? 1 : 0;
