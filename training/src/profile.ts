import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../../bench/median.ts';
import { loadConfig } from './config.ts';
import { cpuMilliseconds } from './cpu-time.ts';
import { readTrainingSet, trainingFolder } from './data/images.ts';
import { layoutOf } from './model/parameters.ts';
import { Rng } from './rng.ts';
import { startState } from './start.ts';
import { type Tensor, tf, useNativeBackend } from './tf.ts';
import { trainStep } from './trainer.ts';

/*
 * TF_NUM_INTRAOP_THREADS=1 npm run profile -- --profile default
 *
 * Takes some steps of a profile from its start, with the loss of its middle, and prints where
 * their CPU time goes: medians and shares, and the speed of convolutions against that of a large
 * matrix product on the same machine at the same moment. CPU time, not wall time, so that other
 * work on the machine disturbs little.
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    data: { type: 'string', default: trainingFolder(root) },
    steps: { type: 'string', default: '10' },
    /** Pictures to read: a few are enough. */
    pictures: { type: 'string', default: '24' },
  },
});

useNativeBackend();
const config = loadConfig(root, args.profile);
const { run, structure } = config;
const layout = layoutOf(structure);
const images = await readTrainingSet(args.data, 256, Number(args.pictures));
const rng = new Rng(run.seed);
const state = startState(config, layout, images, rng, 4096);

const side = 1024;
const square = tf.randomNormal([side, side]);
const product = () => tf.matMul(square, square).dispose();
product();
const peak =
  (2 * side ** 3) / median(Array.from({ length: 9 }, () => cpuMilliseconds(product))) / 1e6;

// Every operation of the native backend passes this method.
type Execute = (name: string, attributes: unknown, inputs: Tensor[]) => Tensor;
const backend = tf.backend() as unknown as { executeSingleOutput: Execute };
const execute = backend.executeSingleOutput.bind(backend);
const parts = { convolutions: 0, products: 0, others: 0 };
let calls = 0;
let operations = 0;
backend.executeSingleOutput = (name, attributes, inputs) => {
  let result: Tensor | undefined;
  const time = cpuMilliseconds(() => {
    result = execute(name, attributes, inputs);
  });
  const output = result as Tensor;
  calls++;
  if (name.startsWith('Conv2D')) {
    parts.convolutions += time;
    operations += convolutionOperations(name, inputs, output);
  } else if (/MatMul/.test(name)) {
    parts.products += time;
  } else {
    parts.others += time;
  }
  return output;
};

/** Multiplications and additions of a convolution or of one of its two gradients. */
function convolutionOperations(name: string, inputs: Tensor[], output: Tensor): number {
  // Inputs: x, filter; sizes, filter, dy; x, sizes, dy.
  const filter = name === 'Conv2DBackpropFilter' ? output.shape : inputs[1].shape;
  const result = name === 'Conv2D' ? output.shape : inputs[2].shape;
  const cells = result[0] * result[1] * result[2];
  return 2 * cells * filter.reduce((a, b) => a * b, 1);
}

const middle = Math.floor(run.totalSteps / 2);
for (let i = 0; i < 2; i++) trainStep(config, layout, state, middle, images, rng);
parts.convolutions = parts.products = parts.others = calls = operations = 0;
const count = Number(args.steps);
const times = Array.from({ length: count }, (_, i) =>
  cpuMilliseconds(() => trainStep(config, layout, state, middle + i, images, rng)),
);
const total = times.reduce((a, b) => a + b, 0);
const outside = total - parts.convolutions - parts.products - parts.others;
const line = (name: string, time: number, more = '') =>
  console.log(
    `${name.padEnd(28)} ${(time / count).toFixed(0).padStart(5)} ms ` +
      `${((100 * time) / total).toFixed(0).padStart(3)} % ${more}`,
  );
const speed = operations / parts.convolutions / 1e6;
console.log(`median step ${median(times).toFixed(0)} ms of CPU, ${calls / count} operations`);
line('convolutions', parts.convolutions, `${speed.toFixed(0)} GFLOP/s`);
line('matrix products', parts.products);
line('other tensor operations', parts.others);
line('kernels, optimizer, tfjs', outside);
console.log(`matrix product of ${side}: ${peak.toFixed(0)} GFLOP/s`);
const ideal = operations / count / peak / 1e6;
console.log(`convolutions at that speed: ${ideal.toFixed(0)} ms a step`);
