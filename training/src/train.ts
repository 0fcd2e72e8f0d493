import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from './config.ts';
import { readTrainingSet, trainingFolder } from './data/images.ts';
import { kltOf } from './data/klt.ts';
import { initialize } from './model/initialize.ts';
import { layoutOf } from './model/parameters.ts';
import { freshState } from './optim/optimizer.ts';
import { scheduleAt } from './optim/schedule.ts';
import { Progress } from './progress.ts';
import { Rng } from './rng.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './state/checkpoint.ts';
import { readCompact, writeCompact } from './state/compact.ts';
import { useNativeBackend } from './tf.ts';
import { trainStep } from './trainer.ts';

const CHECKPOINT_EVERY_MS = 180_000;
const COMPACT_EVERY_MS = 600_000;
const PRINT_EVERY = 50;

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    data: { type: 'string', default: trainingFolder(root) },
    /** Takes this many steps and stops, with a checkpoint. */
    steps: { type: 'string' },
    /** Starts from this compact state where there is no checkpoint. */
    from: { type: 'string' },
  },
});

const config = loadConfig(root, args.profile);
const layout = layoutOf(config.structure);
const folder = join(root, 'runs', config.profile);
const checkpointPath = join(folder, 'checkpoint.bin');
const compactPath = join(root, 'checkpoints', `${config.profile}.half`);
const pauseFile = join(folder, 'pause');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'pid'), `${process.pid}\n`);

console.log(`backend ${useNativeBackend()}, ${layout.size} weights, pid ${process.pid}`);
const images = await readTrainingSet(args.data);
const megapixels = images.pixelsUpTo[images.pixelsUpTo.length - 1] / 1e6;
console.log(`${images.pictures.length} pictures, ${megapixels.toFixed(0)} megapixels`);

const compactStart = args.from ?? (existsSync(compactPath) ? compactPath : undefined);
const { step: firstStep, rng: words, state } = start();
const rng = new Rng(words);
console.log(`${config.profile}: step ${firstStep} of ${config.run.totalSteps}`);

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
const progress = new Progress(config, firstStep);
let savedAt = Date.now();
let compactAt = Date.now();
let step = firstStep;
while (step < last && !stop && !existsSync(pauseFile)) {
  const result = trainStep(config, layout, state, step, images, rng);
  step++;
  progress.add(result);
  if (step % PRINT_EVERY === 0) console.log(progress.line(step));
  const now = Date.now();
  if (now - savedAt >= CHECKPOINT_EVERY_MS) {
    save();
    savedAt = now;
  }
  if (now - compactAt >= COMPACT_EVERY_MS) {
    saveCompact();
    compactAt = now;
  }
  // Lets signals in.
  await new Promise((next) => setImmediate(next));
}
save();
saveCompact();
rmSync(pauseFile, { force: true });
console.log(step >= config.run.totalSteps ? 'finished' : `stopped at step ${step}`);

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
    return { step: compact.step, rng: words, state: freshState(compact.weights) };
  }
  console.log('Karhunen-Loeve transform of the training pictures');
  const klt = kltOf(images, config.run.kltPatches, fresh);
  const weights = initialize(layout, config.structure, klt, fresh);
  return { step: 0, rng: fresh.state, state: freshState(weights) };
}

function save(): void {
  writeCheckpoint(checkpointPath, { step, rng: rng.state, state });
}

function saveCompact(): void {
  const { sigma } = scheduleAt(config.run, step);
  writeCompact(compactPath, config.profile, layout, {
    step,
    sigma: Number.isFinite(sigma) ? sigma : null,
    weights: state.ema,
  });
}
