/**
 * Speed of the kernels alone, one thread: the matrix product, the synthesis on latents of a given
 * sparsity, the analysis. Random weights in the structure of the default profile.
 *
 * Usage: npx tsx bench/kernels.ts [simd | plain]
 */
import { readFileSync } from 'node:fs';
import type { Layer } from '../src/model/layers.js';
import type { PictureSource } from '../src/runtime/engine.js';
import { Machine } from '../src/runtime/machine.js';
import { packBias, packWeights } from '../src/runtime/pack.js';
import { Plan } from '../src/runtime/plan.js';
import { scalarCoding } from '../src/runtime/scalar-coding.js';
import { scalarEncoding } from '../src/runtime/scalar-encoding.js';
import { Synthesis, wholeTransform } from '../src/runtime/synthesis.js';
import { wasmEncoder } from '../src/runtime/wasm-encoder.js';
import { FULL, syntheticModel } from '../test/support/models.js';
import { Random } from '../test/support/random.js';

const names = (['simd', 'plain'] as const).filter(
  (name) => process.argv.length < 3 || process.argv.includes(name),
);
const random = new Random(1);

/** CPU time of this process, ms: unlike the clock's, little disturbed by what else runs. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of CPU of the fastest of several runs, `budget` ms in all. */
function fastest(run: () => void, budget = 1500): number {
  let best = Number.POSITIVE_INFINITY;
  for (const start = cpuTime(); cpuTime() - start < budget; ) {
    const from = cpuTime();
    run();
    best = Math.min(best, cpuTime() - from);
  }
  return best;
}

/** [segments, length, outputs, rows] and the layer that has them. */
const PRODUCTS: [string, number, number, number, number][] = [
  ['3x3 96 -> 40', 3, 288, 40, 48],
  ['3x3 40 -> 96', 3, 120, 96, 48],
  ['1x1 96 -> 96', 1, 96, 96, 48],
  ['3x3 24 -> 24', 3, 72, 24, 96],
  ['1x1 24 -> 32', 1, 24, 32, 96],
  ['3x3 8 -> 48', 3, 24, 48, 192],
  ['3x3 48 -> 48', 3, 144, 48, 192],
  ['3x3 160 -> 160', 3, 480, 160, 48],
  ['context hidden 192 -> 48', 1, 192, 48, 12],
  ['context parameters 48 -> 32', 1, 48, 32, 12],
  ['one row 48 -> 32', 1, 48, 32, 1],
];

function benchProducts(module: WebAssembly.Module): void {
  const plan = new Plan();
  const segments = plan.take(16);
  const input = plan.take(1 << 20);
  const weights = plan.take(1 << 21);
  const bias = plan.take(4096);
  const dst = plan.take(1 << 20);
  const machine = new Machine(module, plan.end);
  for (const [name, count, length, outputs, rows] of PRODUCTS) {
    const values = Int16Array.from({ length: count * length * outputs }, () =>
      random.integer(-100, 100),
    );
    machine.write(weights, packWeights(values, outputs, count, length));
    machine.write(bias, packBias(new Int32Array(outputs)));
    const stride = (2 * length) / count;
    const addresses = Uint32Array.from({ length: count }, (_, s) => input + s * 65536);
    machine.write(segments, addresses);
    const macs = count * length * outputs * rows;
    const repeats = Math.ceil(2e7 / macs);
    const { product } = machine.kernels;
    const ms = fastest(() => {
      for (let i = 0; i < repeats; i++) {
        product(
          segments,
          count,
          length,
          stride,
          rows,
          weights,
          bias,
          outputs,
          dst,
          2 * outputs,
          9,
          0,
          4095,
        );
      }
    }, 300);
    console.log(`  ${name.padEnd(30)} ${((macs * repeats) / ms / 1e6).toFixed(1)} GMAC/s`);
  }
}

/** Multiplications of a list of layers a position of its input. */
function macs(layers: readonly Layer[]): number {
  let total = 0;
  let positions = 1;
  for (const layer of layers) {
    switch (layer.op) {
      case 'conv':
        positions /= layer.stride ** 2;
        total += positions * layer.weights.length;
        break;
      case 'residual':
        total += positions * (layer.first.weights.length + layer.second.weights.length);
        break;
      case 'spaceToDepth':
        positions /= layer.block ** 2;
        break;
      case 'depthToSpace':
        positions *= layer.block ** 2;
    }
  }
  return total;
}

const { decoder, encoder } = syntheticModel(5, FULL);

function benchSynthesis(module: WebAssembly.Module, width: number, height: number): void {
  const { channels, stride } = decoder.latent;
  const plan = new Plan();
  const coding = scalarCoding(decoder)(plan);
  const synthesis = new Synthesis(plan, channels, wholeTransform(decoder));
  const [columns, rows] = [width / stride, height / stride];
  const symbolPlan = coding.plan(plan, 1, 1);
  const plane = { address: plan.take(columns * rows * channels), columns, rows };
  const region = synthesis.region(plan, plane, { x: 0, y: 0, width, height });
  const machine = new Machine(module, plan.end);
  synthesis.load(machine);
  const { expand } = symbolPlan.open(machine, plane, 60);
  const megapixels = (width * height) / 1e6;
  for (const density of [0, 0.1, 0.15, 0.25, 0.5, 1]) {
    // Channels in order of falling energy: the first ones hold most of what is not zero.
    const symbols = Uint8Array.from({ length: columns * rows * channels }, (_, i) => {
      const share = Math.min(1, density * 2 * (1 - (i % channels) / channels));
      return random.uniform() < (density === 1 ? 1 : share) ? random.integer(0, 30) : 31;
    });
    machine.write(plane.address, symbols);
    const ms = fastest(() => {
      for (const _ of region.run(machine, expand));
    });
    const nonzero = symbols.reduce((sum, s) => sum + (s === 31 ? 0 : 1), 0) / symbols.length;
    console.log(
      `  ${width}x${height}, ${(100 * nonzero).toFixed(0)} % of the latent not zero: ` +
        `${(ms / megapixels).toFixed(1)} ms/MP`,
    );
  }
}

function benchAnalysis(name: 'simd' | 'plain', module: WebAssembly.Module): void {
  const [width, height] = [768, 512];
  const data = random.bytes(width * height * 4);
  const source: PictureSource = { width, height, step: 4, data };
  const engine = wasmEncoder(name, module, decoder, encoder, scalarEncoding(decoder));
  const ms = fastest(() => {
    for (const _ of engine.open(source).analyze());
  });
  const work = macs(encoder.analysis.trunk) + macs(encoder.analysis.shortcut);
  const perMegapixel = (ms / (width * height)) * 1e6;
  console.log(
    `  analysis of ${(work / 1000).toFixed(1)} kMAC/px: ${perMegapixel.toFixed(0)} ms/MP, ` +
      `${(work / perMegapixel).toFixed(1)} GMAC/s`,
  );
}

for (const name of names) {
  const module = new WebAssembly.Module(readFileSync(`build/${name}.wasm`));
  console.log(name);
  benchProducts(module);
  const { synthesis } = decoder;
  const work = (macs(synthesis.trunk) + macs(synthesis.shortcut)) / decoder.latent.stride ** 2;
  console.log(`  synthesis of ${(work / 1000).toFixed(2)} kMAC/px`);
  benchSynthesis(module, 768, 512);
  benchSynthesis(module, 4096, 256);
  benchAnalysis(name, module);
}
