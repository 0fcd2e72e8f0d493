import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from './config.ts';
import { readTrainingSet, trainingFolder } from './data/images.ts';
import { exportModel } from './export/model.ts';
import { ship } from './export/ship.ts';
import { layoutOf } from './model/parameters.ts';
import { restartAnalysis } from './model/restart.ts';
import { freshState } from './optim/optimizer.ts';
import { refitStart, scheduleAt } from './optim/schedule.ts';
import { lineOf, Progress } from './progress.ts';
import { type SearchedCrop, searchedCrops } from './refit/searched.ts';
import { Rng } from './rng.ts';
import { startState } from './start.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './state/checkpoint.ts';
import { readCompact, writeCompact } from './state/compact.ts';
import { useNativeBackend } from './tf.ts';
import { refitWeights, trainStep } from './trainer.ts';
import { evaluationPictures, kodakFolder } from './watch/evaluate.ts';
import { Probe } from './watch/probe.ts';
import { Watch } from './watch/watch.ts';

/*
 * npm run train -- --profile default
 *
 * Trains a profile from nothing, or goes on where its run stopped, and at the end writes
 * models/<profile>-decoder.shvw, models/<profile>-encoder.shvw and their card. Meanwhile
 * runs/<profile>/index.html shows the curves.
 */

const CHECKPOINT_EVERY_MS = 180_000;
const COMPACT_EVERY_MS = 600_000;
const PRINT_EVERY = 50;
/** Steps between two measurements of how soft the assignment is. */
const PROBE_EVERY = 100;
/** Every n-th of Kodak's pictures is coded while the run goes on: 6 of 24. */
const EVALUATION_SHARE = 4;

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    data: { type: 'string', default: trainingFolder(root) },
    /** Pictures for evaluation; none are trained on. */
    kodak: { type: 'string', default: kodakFolder(root) },
    /** Minutes between evaluations with the integer codec; 0 for none. */
    evaluate: { type: 'string', default: '60' },
    /** The folder of the model; default models/. */
    out: { type: 'string' },
    /** Length of the run in place of the config's; a run that goes on needs the same. */
    'total-steps': { type: 'string' },
    /** Takes this many steps and stops, with a checkpoint. */
    steps: { type: 'string' },
    /** Starts the analysis anew first, where it has lost its units (docs/training.md). */
    'restart-analysis': { type: 'boolean', default: false },
    /** Counts steps from 0 where it starts from a compact state: anneals its weights once more. */
    'new-round': { type: 'boolean', default: false },
    /** Starts from this compact state where there is no checkpoint. */
    from: { type: 'string' },
  },
});

const config = loadConfig(root, args.profile);
if (args['total-steps']) config.run.totalSteps = Number(args['total-steps']);
const layout = layoutOf(config.structure);
const folder = join(root, 'runs', config.profile);
const out = args.out ?? join(root, '../models');
const checkpointPath = join(folder, 'checkpoint.bin');
const compactPath = join(root, 'checkpoints', `${config.profile}.half`);
const pauseFile = join(folder, 'pause');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'pid'), `${process.pid}\n`);

const backend = useNativeBackend();
console.log(`backend ${backend}, ${layout.size} weights, pid ${process.pid}`);
const images = await readTrainingSet(args.data);
const megapixels = images.pixelsUpTo[images.pixelsUpTo.length - 1] / 1e6;
console.log(`${images.pictures.length} pictures, ${megapixels.toFixed(0)} megapixels`);

const compactStart = args.from ?? (existsSync(compactPath) ? compactPath : undefined);
const { step: firstStep, rng: words, state } = start();
const rng = new Rng(words);
if (args['restart-analysis']) restartAnalysis(config, layout, state, images, rng);
console.log(`${config.profile}: step ${firstStep} of ${config.run.totalSteps}`);

const shown = await evaluationPictures(args.kodak, EVALUATION_SHARE);
const probe = new Probe(config, layout, images);
const watch = new Watch(config, layout, folder, firstStep, backend, shown);
/** Drafts are for comparison: they stay in float. */
const ships = !config.run.draft;
const evaluateEvery = (ships && Number(args.evaluate) * 60_000) || Number.POSITIVE_INFINITY;

const searchedPath = join(folder, 'searched.bin');
// What lies there before the last phase is an earlier run's.
if (firstStep <= refitStart(config.run)) rmSync(searchedPath, { force: true });
/** What the last phase draws from. */
let searched: SearchedCrop[] | undefined;
const searches = ships && config.run.refitSearch;

let stop = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stop = true;
  });
}

const last = Math.min(
  config.run.totalSteps,
  args.steps ? firstStep + Number(args.steps) : Number.POSITIVE_INFINITY,
);
let step = firstStep;
// At once, too: the SDK's modules are loaded then, as they are now, and stay so for the whole run.
if (Number.isFinite(evaluateEvery)) await evaluate();
const progress = new Progress(config, firstStep);
let savedAt = Date.now();
let compactAt = Date.now();
let evaluatedAt = Date.now();
while (step < last && !stop && !existsSync(pauseFile)) {
  if (searches && step >= refitStart(config.run)) {
    searched ??= await search();
    if (stop) break;
  }
  const result = trainStep(config, layout, state, step, images, rng, searched);
  step++;
  progress.add(result);
  if (step % PRINT_EVERY === 0) {
    const point = progress.take(step);
    const { schedule } = result;
    if (step % PROBE_EVERY === 0 && Number.isFinite(schedule.sigma)) {
      point.softness = probe.measure(state.weights, schedule);
    }
    watch.add(point);
    console.log(lineOf(point, config.run.totalSteps));
  }
  const now = Date.now();
  if (now - savedAt >= CHECKPOINT_EVERY_MS) {
    save();
    watch.draw();
    savedAt = now;
  }
  if (now - compactAt >= COMPACT_EVERY_MS) {
    saveCompact();
    compactAt = now;
  }
  if (now - evaluatedAt >= evaluateEvery) {
    await evaluate();
    evaluatedAt = Date.now();
    progress.leaveOut(evaluatedAt - now);
  }
  // Lets signals in.
  await new Promise((next) => setImmediate(next));
}
save();
saveCompact();
rmSync(pauseFile, { force: true });
if (step >= config.run.totalSteps && ships) {
  await evaluate();
  const pictures = await evaluationPictures(args.kodak, 1);
  const hours = watch.seconds / 3600;
  const weights = state.ema;
  console.log(await ship({ config, layout, weights, step, hours, images, pictures, out }));
}
watch.draw();
console.log(step >= config.run.totalSteps ? 'finished' : `stopped at step ${step}`);

/** With the model as it is now, or what an earlier start has found. */
function search(): Promise<SearchedCrop[]> {
  // Minutes in which nothing else is saved.
  save();
  console.log('searching symbols to re-fit the decoder to');
  const model = () => exportModel(config, layout, refitWeights(config, layout, state.ema), images);
  return searchedCrops(config, model, images, searchedPath, () => stop);
}

/** Through the integer codec. What goes wrong there must not end the run. */
async function evaluate(): Promise<void> {
  try {
    const evaluation = await watch.evaluate(step, state.ema, images);
    if (!evaluation) return;
    const rates = evaluation.rates.map(
      (r) => `${r.bpp.toFixed(3)} bpp ${r.psnr.toFixed(2)} dB ${r.msssimDb.toFixed(2)} dB`,
    );
    console.log(
      `step ${step} on ${evaluation.pictures} Kodak pictures in ` +
        `${evaluation.seconds.toFixed(0)} s, PSNR and MS-SSIM: ${rates.join(' | ')}`,
    );
  } catch (error) {
    console.error(`evaluation at step ${step} failed:`, error);
  }
}

function start(): Checkpoint {
  if (existsSync(checkpointPath)) {
    console.log(`resuming ${checkpointPath}`);
    return readCheckpoint(checkpointPath, layout.size);
  }
  const fresh = new Rng(config.run.seed);
  if (compactStart) {
    console.log(`starting from ${compactStart}`);
    const compact = readCompact(compactStart, layout);
    const words = new Rng(config.run.seed + compact.step).state;
    return {
      step: args['new-round'] ? 0 : compact.step,
      rng: words,
      state: freshState(compact.weights, compact.sigma ?? config.run.sigmaEnd),
    };
  }
  console.log('Karhunen-Loeve transform of the training pictures');
  const state = startState(config, layout, images, fresh);
  return { step: 0, rng: fresh.state, state };
}

function save(): void {
  writeCheckpoint(checkpointPath, { step, rng: rng.state, state });
}

function saveCompact(): void {
  if (config.run.draft) return;
  const { gap } = config.run;
  const sigma = gap ? state.annealing.sigma : scheduleAt(config.run, step).sigma;
  writeCompact(compactPath, config.profile, layout, {
    step,
    sigma: Number.isFinite(sigma) ? sigma : null,
    weights: state.ema,
  });
}
