/**
 * The coder of weights beside others on equal indices: `npm run bench:weights-coder`. A network's
 * tensors are quantized uniformly with a step in proportion to their root mean square; the image
 * models ship as indices. The same integers are written as a whole .shvw file, by brotli at its best
 * on several packings, and by an arithmetic coder with a static histogram for each tensor (its entropy
 * and 6 bits a cell for the table). Decoding is timed on each engine.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { resolveLimits } from '../src/format/limits.js';
import { readWeights } from '../src/weights/decode/file.js';
import { REFERENCE } from '../src/weights/decode/reference.js';
import { wasmEngine } from '../src/weights/decode/wasm.js';
import { writeWeights } from '../src/weights/format/write.js';
import { fromSafetensors } from '../src/weights/safetensors/read.js';
import { provenance, provenanceText } from './machine.js';
import { median } from './median.js';

const RESNET = process.env.RESNET32 ?? '../shared/data/weights/resnet32-cifar10.safetensors';
const RUNS = 7;
/** Runs before them, in which engines compile what is hot. */
const WARM_UP = 5;

interface Matrix {
  name: string;
  shape: readonly number[];
  indices: Int32Array;
}

interface Row {
  network: string;
  bitsPerWeight: number;
  shvw: number;
  brotli: number;
  packing: string;
  histogram: number;
  megabytesPerSecond: Record<string, number>;
}

type Source = { name: string; shape: readonly number[]; data: ArrayLike<number> };

function quantize({ name, shape, data }: Source, relative: number): Matrix {
  let squares = 0;
  for (let i = 0; i < data.length; i++) squares += data[i]! ** 2;
  const step = Math.sqrt(squares / data.length) * relative || 1;
  return { name, shape, indices: Int32Array.from(data, (x) => Math.round(x / step)) };
}

function brotli(bytes: Uint8Array): number {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return brotliCompressSync(bytes, { params }).length;
}

/** The indices with the axes after the first two outermost: kernel positions, columns. */
function transposed({ shape, indices }: Matrix): number[] {
  const inner = shape.slice(2).reduce((a, b) => a * b, 1);
  const out: number[] = [];
  for (let j = 0; j < inner; j++) {
    for (let i = j; i < indices.length; i += inner) out.push(indices[i]!);
  }
  return out;
}

/** A byte each; what a byte does not hold is 128 and two bytes. */
function int8(indices: readonly number[]): Uint8Array {
  return Uint8Array.from(
    indices.flatMap((q) => (q > -128 && q < 128 ? [q] : [128, q & 255, (q >> 8) & 255])),
  );
}

/** 0, -1, 1, -2, ...; from 255 on 255 and two bytes. */
function zigzag(indices: readonly number[]): Uint8Array {
  const folded = indices.map((q) => (q < 0 ? -2 * q - 1 : 2 * q));
  return Uint8Array.from(folded.flatMap((n) => (n < 255 ? [n] : [255, n & 255, n >> 8])));
}

function bestBrotli(matrices: readonly Matrix[]): { brotli: number; packing: string } {
  const all = matrices.flatMap(({ indices }) => Array.from(indices));
  const packings: [string, Uint8Array][] = [
    ['int8', int8(all)],
    ['zigzag', zigzag(all)],
    ['int8, transposed', int8(matrices.flatMap(transposed))],
  ];
  const sizes = packings.map(([packing, bytes]) => ({ packing, brotli: brotli(bytes) }));
  return sizes.reduce((best, size) => (size.brotli < best.brotli ? size : best));
}

/** Bytes under each tensor's own histogram, table included. */
function histogramBytes(matrices: readonly Matrix[]): number {
  let bits = 0;
  for (const { indices } of matrices) {
    const counts = new Map<number, number>();
    for (const q of indices) counts.set(q, (counts.get(q) ?? 0) + 1);
    for (const n of counts.values()) bits -= n * Math.log2(n / indices.length);
    const cells = [...counts.keys()];
    bits += 6 * (Math.max(...cells) - Math.min(...cells) + 1);
  }
  return Math.ceil(bits / 8);
}

function engines() {
  const module = (build: string) =>
    new WebAssembly.Module(readFileSync(`build/weights-${build}.wasm`));
  const builds = (['simd', 'plain'] as const).map((build) => wasmEngine(build, module(build)));
  return [...builds, REFERENCE];
}

function measure(network: string, matrices: readonly Matrix[]): Row {
  const file = writeWeights({
    metadata: '',
    tensors: matrices.map((matrix) => ({
      ...matrix,
      mode: 'quantized',
      axis: 0,
      codebook: { kind: 'uniform', step: 0.5 },
    })),
  });
  const count = matrices.reduce((sum, { indices }) => sum + indices.length, 0);
  const limits = resolveLimits();
  const speeds = engines().map((engine) => {
    for (let run = 0; run < WARM_UP; run++) readWeights(file, limits, engine);
    const seconds = Array.from({ length: RUNS }, () => {
      const start = process.cpuUsage();
      readWeights(file, limits, engine);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1e6;
    });
    return [engine.build, (4 * count) / 1e6 / median(seconds)] as const;
  });
  return {
    network,
    bitsPerWeight: (8 * file.length) / count,
    shvw: file.length,
    ...bestBrotli(matrices),
    histogram: histogramBytes(matrices),
    megabytesPerSecond: Object.fromEntries(speeds),
  };
}

const resnet = fromSafetensors(new Uint8Array(readFileSync(RESNET)))
  .tensors.filter(({ shape }) => shape.length > 1)
  .map(({ name, shape, data }) => ({ name, shape, data: data as Float32Array }));

/** The indices of an image model's weights as they lie in its file. */
function shipped(part: 'decoder' | 'encoder'): Matrix[] {
  const file = new Uint8Array(readFileSync(`models/default-${part}.shvw`));
  return readWeights(file, resolveLimits())
    .tensors.filter(({ name }) => name.endsWith('.weights'))
    .map(({ name, shape, data }) => ({
      name,
      shape,
      indices: Int32Array.from(data as Int16Array),
    }));
}

const rows = [
  ...[0.3, 0.7].map((relative) =>
    measure(
      'ResNet-32',
      resnet.map((source) => quantize(source, relative)),
    ),
  ),
  measure('image decoder', shipped('decoder')),
  measure('image encoder', shipped('encoder')),
];
const about = provenance('bench:weights-coder');
const percent = (a: number, b: number): string => `${(100 * (a / b - 1)).toFixed(1)} %`;
const speed = (row: Row, build: string): string => row.megabytesPerSecond[build]!.toFixed(0);
const table = [
  '| network | bits a weight | .shvw | brotli-11, best packing | static histogram | decode, MB/s of float32: SIMD, plain, reference |',
  '|---|---|---|---|---|---|',
  ...rows.map((row) =>
    [
      `| ${row.network}`,
      row.bitsPerWeight.toFixed(2),
      row.shvw,
      `${row.brotli} (${row.packing}): ${percent(row.shvw, row.brotli)}`,
      `${row.histogram}: ${percent(row.shvw, row.histogram)}`,
      `${speed(row, 'simd')}, ${speed(row, 'plain')}, ${speed(row, 'reference')} |`,
    ].join(' | '),
  ),
];
const text = [
  '# The coder of weights on equal indices',
  `${provenanceText(about)} Bytes; .shvw is the whole file, the others are the indices alone. Uniform`,
  'quantization of ResNet-32 (tensors of two or more axes), the image models as they ship. Times are CPU time of one core, medians of',
  `${RUNS} runs after ${WARM_UP} to warm up, checksums and dequantization included.`,
  '',
  ...table,
  '',
].join('\n');
writeFileSync('bench/results/weights-coder.md', text.replace('\n', '\n\n'));
writeFileSync('bench/results/weights-coder.json', `${JSON.stringify({ about, rows }, null, 2)}\n`);
console.log(text);
