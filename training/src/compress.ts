import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SIDE, testSet, trainingSet, unlabelled } from '../../bench/weights/cifar.ts';
import { KERNELS } from '../../bench/weights/kernels.ts';
import { DEFAULT_LIMITS } from '../../src/format/limits.ts';
import { readWeights } from '../../src/weights/decode/file.ts';
import {
  compressWeights,
  fromSafetensors,
  readStoredWeights,
  writeWeights,
} from '../../src/weights.ts';
import { augmented } from './network/cifar10.ts';
import { loadCompressConfig } from './network/config.ts';
import { planNetwork } from './network/plan.ts';
import { PriceControl } from './network/price.ts';
import { contentOf, hardBits } from './network/quantized.ts';
import { resnet32 } from './network/resnet32.ts';
import { recordResult } from './network/results.ts';
import { scoreOf, type TestPictures, tensorsOf } from './network/score.ts';
import { startOf } from './network/start.ts';
import { compressStep, type Subject } from './network/trainer.ts';
import { freshState } from './optim/optimizer.ts';
import { Rng } from './rng.ts';
import { readCheckpoint, writeAtomically, writeCheckpoint } from './state/checkpoint.ts';
import { tf, useNativeBackend } from './tf.ts';

/*
 * npm run compress -- --config configs/weights/resnet32-25x.json
 *
 * Compresses a network while it is trained on: from the network compressed after training, or where
 * the run stopped, to runs/<name>/network.shvw, with its size and its accuracy on the test pictures
 * in bench/results/weights-trained.json.
 */

const CHECKPOINT_EVERY_MS = 180_000;
const PRINT_EVERY = 10;

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: args } = parseArgs({
  options: {
    config: { type: 'string', default: join(root, 'configs/weights/resnet32-25x.json') },
    /** The float network. */
    network: {
      type: 'string',
      default: join(root, '../../shared/data/weights/resnet32-cifar10.safetensors'),
    },
    /** Starts from this .shvw where there is no checkpoint, in place of compressing first. */
    from: { type: 'string' },
    /** Takes the place of the configuration's. */
    seed: { type: 'string' },
    ratio: { type: 'string' },
    steps: { type: 'string' },
    name: { type: 'string' },
    /** Stops after so many minutes, with a checkpoint, and says what has been reached. */
    minutes: { type: 'string' },
    /** Test pictures at the end; all of CIFAR-10's by default. */
    test: { type: 'string', default: '10000' },
    /** Where the result goes. */
    results: { type: 'string', default: join(root, '../bench/results/weights-trained.json') },
  },
});

const config = loadCompressConfig(args.config, {
  name: args.name,
  seed: args.seed,
  ratio: args.ratio,
  steps: args.steps,
});
const folder = join(root, 'runs', config.name);
const startPath = join(folder, 'start.shvw');
const checkpointPath = join(folder, 'checkpoint.bin');
const historyPath = join(folder, 'history.jsonl');
const pauseFile = join(folder, 'pause');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'pid'), `${process.pid}\n`);

// A fifth of a step's time here; set before the library is loaded.
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
console.log(`backend ${useNativeBackend()}, pid ${process.pid}`);

const float = fromSafetensors(readFileSync(args.network)).tensors;
const floats = new Map(float.map(({ name, data }) => [name, data as Float32Array]));
const floatBytes = float.reduce((sum, { data }) => sum + data.byteLength, 0);
await makeStart();
const classifier = resnet32;
const content = readStoredWeights(readFileSync(startPath));
const plan = planNetwork(content, classifier);
const set = await trainingSet();
const data = augmented(set);
const test = await testPictures(config.testPictures);
const subject: Subject = { config, classifier, plan, teacher: tensorsOf(float), data };

const price = new PriceControl(floatBytes / config.ratio, config.price);
const resumed = existsSync(checkpointPath) ? readCheckpoint(checkpointPath, plan.size) : undefined;
if (resumed?.control) price.load(resumed.control);
const state = resumed?.state ?? freshState(startOf(plan, floats));
const rng = new Rng(resumed?.rng ?? config.seed);
let step = resumed?.step ?? 0;
console.log(
  `${config.name}: ${plan.coded} weights of ${plan.parts.length} tensors, ` +
    `step ${step} of ${config.steps}, ${config.ratio}x`,
);

/** Processor seconds of training before this start. */
const spent = resumed?.control?.spent ?? 0;
const clock = process.cpuUsage();

let stop = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stop = true;
  });
}
const began = Date.now();
const until = args.minutes ? began + 60_000 * Number(args.minutes) : Number.POSITIVE_INFINITY;
let savedAt = began;
let printedAt = began;
let sums = { divergence: 0, error: 0, accuracy: 0, norm: 0 };
if (step === 0) report({ ...measure(), ...tested() });
while (step < config.steps && !stop && Date.now() < until && !existsSync(pauseFile)) {
  const result = compressStep(subject, state, price, step, rng);
  step++;
  sums.divergence += result.divergence / PRINT_EVERY;
  sums.error += result.error / PRINT_EVERY;
  sums.accuracy += result.accuracy / PRINT_EVERY;
  sums.norm += result.gradientNorm / PRINT_EVERY;
  const measured = step % config.measureEvery === 0 ? measure() : undefined;
  if (step % PRINT_EVERY === 0) {
    const now = Date.now();
    report({
      phase: result.schedule.phase,
      divergence: sums.divergence,
      error: sums.error,
      trainAccuracy: sums.accuracy,
      norm: sums.norm,
      ratio: floatBytes / price.estimate(result.bits),
      price: price.price,
      sigma: Number.isFinite(result.schedule.sigma) ? result.schedule.sigma : null,
      stepsPerSecond: (1000 * PRINT_EVERY) / (now - printedAt),
      ...measured,
      ...(step % config.testEvery === 0 && tested()),
    });
    printedAt = Date.now();
    sums = { divergence: 0, error: 0, accuracy: 0, norm: 0 };
  }
  if (Date.now() - savedAt >= CHECKPOINT_EVERY_MS) {
    save();
    savedAt = Date.now();
  }
  // Lets signals in.
  await new Promise((next) => setImmediate(next));
}
save();
rmSync(pauseFile, { force: true });
finish(await testPictures(Number(args.test)));

/** The network compressed after training, which training goes on from. */
async function makeStart(): Promise<void> {
  if (existsSync(startPath)) return;
  if (args.from) {
    writeAtomically(startPath, [readFileSync(args.from)]);
    return;
  }
  console.log(`compressing to ${config.ratio}x without labels`);
  const { forwardOn } = await import('../../bench/weights/resnet.ts');
  const { data: pictures } = await unlabelled(config.startPictures);
  const { file } = await compressWeights(float, {
    ratio: config.ratio,
    forward: forwardOn(pictures),
    wasm: KERNELS,
  });
  writeAtomically(startPath, [file]);
}

async function testPictures(count: number): Promise<TestPictures> {
  const { data, labels } = await testSet(count);
  return { data, labels, shape: [SIDE, SIDE, 3] };
}

/** Bytes of the file that the weights make now. */
function measure(): { bytes: number } {
  const { length } = writeWeights(contentOf(plan, state.weights));
  price.measured(length, hardBits(plan, state.weights));
  return { bytes: length };
}

/** Share of the pictures that a file's network classifies as their labels say. */
function accuracyOf(file: Uint8Array, pictures: TestPictures): number {
  const tensors = tensorsOf(readWeights(file, DEFAULT_LIMITS).tensors);
  const accuracy = scoreOf(classifier, tensors, pictures);
  tf.dispose(tensors);
  return accuracy;
}

/** Accuracy of what the weights' file would decode to. */
function tested(): { testAccuracy: number } {
  const file = writeWeights(contentOf(plan, state.weights));
  return { testAccuracy: accuracyOf(file, test) };
}

function report(numbers: Record<string, number | string | null>): void {
  const line = JSON.stringify({ step, ...numbers }, (_, v) =>
    typeof v === 'number' ? Number(v.toPrecision(5)) : v,
  );
  appendFileSync(historyPath, `${line}\n`);
  console.log(line);
}

function save(): void {
  writeCheckpoint(checkpointPath, {
    step,
    rng: rng.state,
    state,
    control: { ...price.save(), spent: seconds() },
  });
}

/** Processor seconds of training, what is measured meanwhile included. */
function seconds(): number {
  const { user, system } = process.cpuUsage(clock);
  return spent + (user + system) / 1e6;
}

/** Writes the file, and measures what it decodes to. */
function finish(pictures: TestPictures): void {
  const file = writeWeights(contentOf(plan, state.weights));
  writeAtomically(join(folder, 'network.shvw'), [file]);
  const hours = seconds() / 3600;
  const percent = (weights: Uint8Array) => Number((100 * accuracyOf(weights, pictures)).toFixed(2));
  recordResult(args.results, {
    name: config.name,
    seed: config.seed,
    step,
    steps: config.steps,
    epochs: Number(((step * config.batch) / set.labels.length).toFixed(3)),
    bytes: file.length,
    ratio: Number((floatBytes / file.length).toFixed(2)),
    accuracy: percent(file),
    startAccuracy: percent(readFileSync(startPath)),
    test: pictures.labels.length,
    hours: Number(hours.toFixed(3)),
    cpu: cpus()[0]?.model ?? 'unknown',
    date: new Date().toISOString(),
  });
}
