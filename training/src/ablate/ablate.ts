import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config.ts';
import { type ImageSet, readTrainingSet, trainingFolder } from '../data/images.ts';
import { layoutOf } from '../model/parameters.ts';
import { loadAveraged } from '../state/load.ts';
import { useNativeBackend } from '../tf.ts';
import { evaluationPictures, kodakFolder } from '../watch/evaluate.ts';
import { floatCurve, roundedPoint } from '../watch/float.ts';
import { History, type Point } from '../watch/history.ts';
import { writeReport } from './report.ts';
import type { AblationResult } from './result.ts';
import { stepMilliseconds } from './step-time.ts';

/*
 * npm run ablations -- --minutes 30
 *
 * Trains every profile configs/ablation*.json, or those that are named, for the same processor
 * time from nothing, and measures each on Kodak in float. Results go to ablations/<name>.json, and
 * the tables and plots of docs/soft-to-hard.md are made of them. An ablation that was stopped goes
 * on; one with a result is left out unless it is named. `--report` makes tables and plots alone.
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: args, positionals } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    report: { type: 'boolean', default: false },
    data: { type: 'string', default: trainingFolder(root) },
    kodak: { type: 'string', default: kodakFolder(root) },
    every: { type: 'string', default: '3' },
  },
  allowPositionals: true,
});

/** What the others are compared with. */
const BASE = 'ablation';
const results = join(root, 'ablations');
const resultOf = (name: string) => join(results, `${name}.json`);
const all = readdirSync(join(root, 'configs'))
  .map((file) => file.replace('.json', ''))
  .filter((name) => /^ablation(-|$)/.test(name));
const wanted = positionals.length > 0 ? positionals : all.filter((n) => !existsSync(resultOf(n)));

if (!args.report) {
  mkdirSync(results, { recursive: true });
  const backend = useNativeBackend();
  for (const name of wanted) await ablate(name, backend);
}
const done = all.filter((name) => existsSync(resultOf(name)));
writeReport(
  done.map((name) => JSON.parse(readFileSync(resultOf(name), 'utf8')) as AblationResult),
  join(root, '../docs'),
);

async function ablate(name: string, backend: string): Promise<void> {
  const config = loadConfig(root, name);
  const folder = join(root, 'runs', name);
  const minutes = Number(args.minutes);
  const plan = planOf(name, folder, minutes, await readTrainingSet(args.data, 256, 24));
  console.log(`${name}: ${plan.steps} steps of ${plan.stepMilliseconds.toFixed(0)} ms`);
  const train = ['--import', 'tsx', join(root, 'src/train.ts'), '--profile', name];
  const options = ['--total-steps', String(plan.steps), '--data', args.data, '--evaluate', '0'];
  const { status } = spawnSync(process.execPath, [...train, ...options], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${name}: training ended with status ${status}`);

  const layout = layoutOf(config.structure);
  const { weights, step } = loadAveraged(root, name, layout);
  if (step < plan.steps) throw new Error(`${name}: stopped at step ${step}; run it again`);
  const pictures = await evaluationPictures(args.kodak, Number(args.every));
  const training = await readTrainingSet(args.data, 256, 100);
  const { points } = new History<Point>(join(folder, 'history.jsonl'), step);
  const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim();
  const result: AblationResult = {
    profile: name,
    minutes,
    ...plan,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      node: process.version,
      backend,
      commit: git('rev-parse', '--short=12', 'HEAD'),
      date: new Date().toISOString().slice(0, 10),
    },
    pictures: pictures.length,
    curve: floatCurve(config, layout, weights, pictures, training).map(roundedPoint),
    history: points.flatMap(({ step: at, sigma, softness }) =>
      softness && sigma !== null ? [{ step: at, sigma, softness: rounded(softness) }] : [],
    ),
  };
  writeFileSync(resultOf(name), `${JSON.stringify(result)}\n`);
}

/**
 * How many steps fit; kept in the run's folder, so that a run that goes on has the same end. Where
 * what it is compared with has its result, so much more or less of that one's steps as its steps
 * cost beside it: days differ by more than configs do.
 */
function planOf(
  name: string,
  folder: string,
  minutes: number,
  images: ImageSet,
): { steps: number; stepMilliseconds: number } {
  const path = join(folder, `plan-${minutes}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const configs = [name, BASE].map((profile) => loadConfig(root, profile));
  const [own, base] = stepMilliseconds(configs, images);
  const baseSteps =
    name !== BASE && existsSync(resultOf(BASE))
      ? (JSON.parse(readFileSync(resultOf(BASE), 'utf8')) as AblationResult).steps
      : (minutes * 60_000) / base;
  const plan = {
    steps: Math.round((baseSteps * base) / own),
    stepMilliseconds: Math.round(own),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, JSON.stringify(plan));
  return plan;
}

function rounded<T extends Point['softness'] & object>(softness: T): T {
  const short = (v: number) => Number(v.toPrecision(4));
  return {
    ...softness,
    gap: short(softness.gap),
    offNearest: short(softness.offNearest),
    dead: short(softness.dead),
    added: short(softness.added),
    centers: softness.centers?.map(short) ?? null,
  };
}
