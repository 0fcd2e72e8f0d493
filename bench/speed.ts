/**
 * Decoding and encoding time of this codec and of @jsquash/avif, jxl, webp and jpeg at their
 * defaults, on the same pictures, at sizes matched within 10 %, on one thread.
 *
 *   npm run bench -- [--kodak FOLDER] [--pictures 6] [--rates 0.2,0.4,0.8] [--runs 5]
 *     [--encode-runs 1] [--clock wall|cpu] [--no-large] [--codecs shvq,avif] [--name speed]
 *     [--profile NAME | --decoder D.shvw --encoder E.shvw]
 *
 * --clock cpu counts the processor's time instead of the clock's, for machines that are busy with
 * other things. Writes bench/results/<name>.json and .md.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDecoder } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import type { Pixels } from '../src/cli/metrics/pixels.js';
import { CODEC_NAMES, type CodecName, loadCodec, OWN } from './codecs.js';
import { everyNth, kodakFiles, loadPixels } from './kodak.js';
import { largePicture } from './large.js';
import { provenance } from './machine.js';
import { type Matched, matchSize } from './match.js';
import { median } from './median.js';
import type { MemoryTask } from './memory-worker.js';
import { decoderSettings, encoderSettings, MODEL_OPTIONS, type ModelChoice } from './model.js';
import type { Peer } from './peers.js';
import { type PhaseShares, phaseShares, profilingKernels } from './phases.js';
import { type SpeedResults, speedReport, type Timing } from './speed-report.js';

/** Sizes count as matched within this part; the search stops early within half of it. */
const TOLERANCE = 0.1;

const { values } = parseArgs({
  options: {
    ...MODEL_OPTIONS,
    kodak: { type: 'string' },
    pictures: { type: 'string', default: '6' },
    rates: { type: 'string', default: '0.2,0.4,0.8' },
    runs: { type: 'string', default: '5' },
    'encode-runs': { type: 'string', default: '1' },
    clock: { type: 'string', default: 'wall' },
    codecs: { type: 'string', default: CODEC_NAMES.join(',') },
    large: { type: 'boolean', default: true },
    name: { type: 'string', default: 'speed' },
  },
  allowNegative: true,
});
const rates = values.rates.split(',').map(Number);
const { profile, decoder, encoder } = values;
const model: ModelChoice = {
  ...(profile !== undefined && { profile }),
  ...(decoder !== undefined && { decoder }),
  ...(encoder !== undefined && { encoder }),
};
const wanted = values.codecs.split(',');
const names = CODEC_NAMES.filter((name) => wanted.includes(name));
if (!names.includes(OWN)) throw new Error(`--codecs must have ${OWN}: the others match its sizes`);

const files = kodakFiles(values.kodak);
const sets: { name: string; pictures: { name: string; pixels: Pixels }[] }[] = [
  {
    name: `${Math.min(Number(values.pictures), files.length)} Kodak photos`,
    pictures: await Promise.all(
      everyNth(files, Number(values.pictures)).map(async (path) => ({
        name: basename(path),
        pixels: await loadPixels(path),
      })),
    ),
  },
];
if (values.large) {
  sets.push({
    name: '12 megapixels',
    pictures: [{ name: 'Kodak photos side by side, 4000x3000', pixels: await largePicture(files) }],
  });
}

const codecs = new Map<CodecName, Peer>();
for (const name of names) codecs.set(name, await loadCodec(name, model));
await warmUp();

const timings: Timing[] = [];
const samples = new Map<CodecName, { decode: Matched; pixels: Pixels }>();
for (const set of sets) {
  for (const picture of set.pictures) {
    for (const rate of rates) await measure(set.name, picture.name, picture.pixels, rate);
  }
}
const results: SpeedResults = {
  ...provenance('bench'),
  clock: values.clock,
  codecs: [...codecs.values()].map(({ name, version }) => ({ name, version })),
  rates,
  timings,
  memory: peakMemory(),
  phases: await phases(),
};
const text = speedReport(results);
console.log(text);
mkdirSync('bench/results', { recursive: true });
writeFileSync(`bench/results/${values.name}.json`, `${JSON.stringify(results, null, 1)}\n`);
writeFileSync(`bench/results/${values.name}.md`, text);

/** Lets V8 optimize every codec before anything is timed. */
async function warmUp(): Promise<void> {
  const { pixels } = sets[0]!.pictures[0]!;
  for (const codec of codecs.values()) {
    for (let i = 0; i < 2; i++) await codec.decode(await codec.encode(pixels, 50));
  }
}

/** Times all codecs on one picture at one rate. */
async function measure(set: string, picture: string, pixels: Pixels, rate: number): Promise<void> {
  const megapixels = (pixels.width * pixels.height) / 1e6;
  const wantedBytes = (rate * megapixels * 1e6) / 8;
  const own = await matchSize(
    (quality) => codecs.get(OWN)!.encode(pixels, quality),
    wantedBytes,
    TOLERANCE / 2,
  );
  const matched = new Map<CodecName, Matched>();
  for (const [name, codec] of codecs) {
    const encode = (quality: number) => codec.encode(pixels, quality);
    const file = name === OWN ? own : await matchSize(encode, own.file.length, TOLERANCE / 2);
    matched.set(name, file);
    samples.set(name, { decode: file, pixels });
  }
  // Rounds of all codecs, so that a slow moment of the machine does not hit one of them alone.
  const decodes = await rounds(Number(values.runs), (name) =>
    codecs.get(name)!.decode(matched.get(name)!.file),
  );
  const encodes = await rounds(Number(values['encode-runs']), (name) =>
    codecs.get(name)!.encode(pixels, matched.get(name)!.quality),
  );
  for (const [name, { quality, file }] of matched) {
    const sizeRatio = file.length / own.file.length;
    timings.push({
      set,
      picture,
      rate,
      codec: name,
      quality,
      megapixels,
      bytes: file.length,
      sizeRatio,
      matched: Math.abs(sizeRatio - 1) <= TOLERANCE,
      decodeMs: decodes.get(name)!,
      encodeMs: encodes.get(name)!,
    });
  }
  const line = timings
    .slice(-matched.size)
    .map(
      (t) =>
        `${t.codec} ${t.decodeMs.toFixed(0)}/${t.encodeMs.toFixed(0)} ms x${t.sizeRatio.toFixed(2)}`,
    );
  console.error(`${picture} at ${rate} bpp: ${line.join(', ')}`);
}

/** Medians of milliseconds. */
async function rounds(
  count: number,
  run: (name: CodecName) => Promise<unknown>,
): Promise<Map<CodecName, number>> {
  const times = new Map<CodecName, number[]>(names.map((name) => [name, []]));
  for (let i = 0; i < count; i++) {
    for (const name of names) {
      globalThis.gc?.();
      const start = milliseconds();
      await run(name);
      times.get(name)!.push(milliseconds() - start);
    }
  }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

function milliseconds(): number {
  if (values.clock === 'wall') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Of the last picture, each operation in a process of its own. */
function peakMemory(): SpeedResults['memory'] {
  const folder = mkdtempSync(join(tmpdir(), 'shvq-bench-'));
  try {
    return names.map((codec) => {
      const { decode, pixels } = samples.get(codec)!;
      const { width, height } = pixels;
      const peak = (operation: MemoryTask['operation'], input: Uint8Array): number => {
        const path = join(folder, operation);
        writeFileSync(path, input);
        const { quality } = decode;
        const task: MemoryTask = { codec, operation, path, width, height, quality, model };
        const script = new URL('./memory-worker.ts', import.meta.url).pathname;
        const output = execFileSync(
          process.execPath,
          [...process.execArgv, '--expose-gc', script, JSON.stringify(task)],
          { encoding: 'utf8' },
        );
        return Number(output);
      };
      return {
        codec,
        width,
        height,
        decodeBytes: peak('decode', decode.file),
        encodeBytes: peak('encode', new Uint8Array(pixels.data.buffer)),
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of this codec's time on the last picture. */
async function phases(): Promise<SpeedResults['phases']> {
  const wasm = profilingKernels();
  const { decode, pixels } = samples.get(OWN)!;
  const decoder = createDecoder({ ...(await decoderSettings(model)), wasm });
  const encoder = createEncoder({ ...(await encoderSettings(model)), wasm });
  const { quality, file } = decode;
  const shares = async (
    operation: 'decode' | 'encode',
    run: () => Promise<unknown>,
  ): Promise<PhaseShares> => {
    await run();
    return phaseShares(run, operation);
  };
  return {
    decode: await shares('decode', () => decoder.decode(file)),
    encode: await shares('encode', () => encoder.encode(pixels, { quality })),
  };
}
