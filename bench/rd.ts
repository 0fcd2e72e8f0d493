/**
 * Rate and distortion on the Kodak pictures, from whole files, against other codecs.
 *
 *   npm run bench:rd -- [--jobs 2] [--kodak FOLDER] [--pictures N] [--qualities 0,10,...|all]
 *     [--effort N] [--profile NAME | --decoder D.shvw --encoder E.shvw] [--name rd-default]
 *
 * Writes bench/results/<name>.json, .md and .svg.
 */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { msssimDecibels } from '../src/cli/metrics/msssim.js';
import {
  compare,
  loadAnchors,
  METRICS,
  type Mean,
  type Measurement,
  type Metric,
  means,
  ratePoints,
  valueAt,
} from './curves.js';
import { everyNth, kodakFiles } from './kodak.js';
import { provenance, provenanceText } from './machine.js';
import { MODEL_OPTIONS } from './model.js';
import { type Chart, svg } from './plot.js';
import type { RdMeasurement, RdSettings } from './rd-worker.js';

const OWN = 'shvq';
const QUALITIES = '0,5,10,20,30,40,50,60,70,80,90,95,100';
/** A mean PSNR that is asked for at this rate. */
const RATE = 0.7;

const { values } = parseArgs({
  options: {
    ...MODEL_OPTIONS,
    jobs: { type: 'string', default: String(availableParallelism()) },
    kodak: { type: 'string' },
    pictures: { type: 'string', default: '24' },
    qualities: { type: 'string', default: QUALITIES },
    effort: { type: 'string' },
    name: { type: 'string' },
  },
});

const pictures = everyNth(kodakFiles(values.kodak), Number(values.pictures));
const { profile, decoder, encoder } = values;
const settings: RdSettings = {
  qualities:
    values.qualities === 'all'
      ? Array.from({ length: 101 }, (_, q) => q)
      : values.qualities.split(',').map(Number),
  ...(values.effort !== undefined && { effort: Number(values.effort) }),
  ...(profile !== undefined && { profile }),
  ...(decoder !== undefined && { decoder }),
  ...(encoder !== undefined && { encoder }),
};
const rows = await measure(pictures, settings, Number(values.jobs));
const own = rows.map((row): Measurement => ({ codec: OWN, ...row }));
const anchors = loadAnchors(pictures.map((path) => basename(path).replace('kodim', '')));
const curve = means(own, OWN);
const codecs = [...new Set(anchors.map(({ codec }) => codec))];
const text = report();
console.log(text);
const name = values.name ?? `rd-${profile ?? 'default'}`;
mkdirSync('bench/results', { recursive: true });
writeFileSync(
  `bench/results/${name}.json`,
  `${JSON.stringify({ ...provenance('bench:rd'), means: curve, bdRates: bdRates(), files: rows }, null, 1)}\n`,
);
writeFileSync(`bench/results/${name}.md`, text);
writeFileSync(`bench/results/${name}.svg`, svg(METRICS.map(chart)));

/** Spreads the pictures over worker processes. */
async function measure(
  paths: readonly string[],
  settings: RdSettings,
  jobs: number,
): Promise<RdMeasurement[]> {
  const script = fileURLToPath(new URL('./rd-worker.ts', import.meta.url));
  const queue = [...paths];
  const found = new Map<string, RdMeasurement[]>();
  const lane = async (): Promise<void> => {
    const worker = fork(script, [JSON.stringify(settings)]);
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const result = await new Promise<RdMeasurement[]>((resolve, reject) => {
        const onExit = (code: number | null): void =>
          reject(new Error(`A worker ended with code ${code}`));
        worker.once('exit', onExit);
        worker.once('message', (rows: RdMeasurement[]) => {
          worker.off('exit', onExit);
          resolve(rows);
        });
        worker.send(path!);
      });
      found.set(path, result);
      console.error(`${found.size} of ${paths.length}: ${basename(path)}`);
    }
    worker.disconnect();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, paths.length) }, lane));
  return paths.flatMap((path) => found.get(path)!);
}

function bdRates(): { codec: string; psnr: number | null; msssim: number | null }[] {
  return codecs.map((codec) => {
    const rate = (metric: Metric): number | null => {
      try {
        return compare(curve, means(anchors, codec), metric);
      } catch (error) {
        // Curves that do not overlap have no BD-rate.
        if (error instanceof RangeError) return null;
        throw error;
      }
    };
    return { codec, psnr: rate('psnr'), msssim: rate('msssim') };
  });
}

function report(): string {
  const percent = (value: number | null): string =>
    value === null ? 'no overlap' : `${value > 0 ? '+' : ''}${value.toFixed(1)} %`;
  const atRate = valueAt(curve, RATE, 'psnr');
  return [
    `# Rate and distortion on ${pictures.length} Kodak pictures`,
    '',
    provenanceText(provenance('bench:rd')),
    '',
    'Whole files; means over the pictures.',
    '',
    '| quality | bpp | PSNR dB | MS-SSIM | MS-SSIM dB |',
    '|---|---|---|---|---|',
    ...curve.map(
      ({ q, bpp, psnr, msssim }: Mean) =>
        `| ${q} | ${bpp.toFixed(4)} | ${psnr.toFixed(3)} | ${msssim.toFixed(5)} | ${msssimDecibels(msssim).toFixed(3)} |`,
    ),
    '',
    atRate === undefined
      ? `The curve does not reach ${RATE} bpp.`
      : `PSNR at ${RATE} bpp: ${atRate.toFixed(2)} dB.`,
    '',
    monotone(),
    '',
    'BD-rate, negative where shvq needs fewer bits:',
    '',
    '| against | PSNR | MS-SSIM |',
    '|---|---|---|',
    ...bdRates().map(
      ({ codec, psnr, msssim }) => `| ${codec} | ${percent(psnr)} | ${percent(msssim)} |`,
    ),
    '',
  ].join('\n');
}

/** Whether every step up in quality makes the mean file larger and the mean picture better. */
function monotone(): string {
  const rising = [...curve].sort((a, b) => a.q - b.q);
  const wrong = rising.slice(1).filter((next, i) => {
    const at = rising[i]!;
    return next.bpp <= at.bpp || next.psnr <= at.psnr || next.msssim <= at.msssim;
  });
  return wrong.length === 0
    ? 'Size, PSNR and MS-SSIM rise at every one of these qualities.'
    : `Size, PSNR or MS-SSIM does not rise at quality ${wrong.map(({ q }) => q).join(', ')}.`;
}

function chart(metric: Metric): Chart {
  const line = (name: string, mean: Mean[]) => ({
    name,
    points: ratePoints(mean, metric).map(({ rate, quality }) => ({ x: rate, y: quality })),
  });
  return {
    title: metric === 'psnr' ? 'PSNR' : 'MS-SSIM',
    xLabel: 'bits per pixel, whole file',
    yLabel: 'dB',
    x: { low: 0, high: 1.2 },
    y: metric === 'psnr' ? { low: 22, high: 40 } : { low: 6, high: 20 },
    lines: [
      ...codecs.map((codec) => line(codec, means(anchors, codec))),
      { ...line(OWN, curve), emphasized: true },
    ],
  };
}
