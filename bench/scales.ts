/**
 * Decoding at 1/2, 1/4 and 1/8 beside the whole: processor time, and how near the previews come to
 * the means of the whole's pixels.
 *
 *   npm run bench:scales -- [--kodak FOLDER] [--pictures 3] [--qualities 15,45,75] [--runs 5]
 *
 * Writes bench/results/scales.json and .md.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { createDecoder } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import { psnr } from '../src/cli/metrics/psnr.js';
import { averageBoxes } from '../src/image/box.js';
import { everyNth, kodakFiles, loadPixels } from './kodak.js';
import { largePicture } from './large.js';
import { provenance, provenanceText } from './machine.js';
import { median } from './median.js';

const { values } = parseArgs({
  options: {
    kodak: { type: 'string' },
    pictures: { type: 'string', default: '3' },
    qualities: { type: 'string', default: '15,45,75' },
    runs: { type: 'string', default: '5' },
  },
});
const SHRINKS = [1, 2, 4, 8];
const runs = Number(values.runs);
const files = kodakFiles(values.kodak);
const encoder = createEncoder();
const decoder = createDecoder();
const { build } = await decoder.load();

interface Row {
  picture: string;
  quality: number;
  bpp: number;
  /** Milliseconds of processor time at 1, 1/2, 1/4 and 1/8: medians. */
  milliseconds: number[];
  /** PSNR against the means of the whole's pixels at 1/4 and 1/8. */
  decibels: number[];
}

async function time(file: Uint8Array, scale: number): Promise<number> {
  const start = process.cpuUsage();
  await decoder.decode(file, { scale });
  const { system, user } = process.cpuUsage(start);
  return (system + user) / 1000;
}

const rows: Row[] = [];
for (const path of [...everyNth(files, Number(values.pictures)), 'large']) {
  const large = path === 'large';
  const pixels = large ? await largePicture(files) : await loadPixels(path);
  for (const quality of values.qualities.split(',').map(Number)) {
    const file = await encoder.encode(pixels, { quality, effort: 0 });
    const milliseconds: number[] = [];
    for (const shrink of SHRINKS) {
      const times: number[] = [];
      // The first run of a series plans anew.
      await time(file, 1 / shrink);
      for (let i = 0; i < runs; i++) times.push(await time(file, 1 / shrink));
      milliseconds.push(median(times));
    }
    const whole = await decoder.decode(file);
    const decibels: number[] = [];
    for (const shrink of [4, 8]) {
      const small = await decoder.decode(file, { scale: 1 / shrink });
      const exact = new Uint8ClampedArray(small.data.length);
      averageBoxes(whole.data, whole.width, shrink, exact);
      decibels.push(psnr(small, { ...small, data: exact }));
    }
    const bpp = (file.length * 8) / pixels.width / pixels.height;
    rows.push({ picture: basename(path, '.png'), quality, bpp, milliseconds, decibels });
  }
}

const origin = provenance('bench:scales');
const share = (ms: number, whole: number) => `${ms.toFixed(1)} (${(ms / whole).toFixed(2)})`;
const lines = rows.map(({ bpp, decibels, milliseconds, picture, quality }) => {
  const whole = milliseconds[0]!;
  const times = milliseconds.slice(1).map((ms) => share(ms, whole));
  const near = decibels.map((db) => db.toFixed(1));
  return `| ${[picture, quality, bpp.toFixed(2), whole.toFixed(1), ...times, ...near].join(' | ')} |`;
});
const report = `# Smaller pictures

${provenanceText(origin)}

One thread, ${build} build. Milliseconds of processor time of a decode, medians; in parentheses the
part of the whole's. On the right how near 1/4 and 1/8, which are made of the shortcut alone, come to
the means of the whole's pixels.

| picture | quality | bpp | whole | 1/2 | 1/4 | 1/8 | 1/4, dB | 1/8, dB |
|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
writeFileSync('bench/results/scales.json', `${JSON.stringify({ ...origin, rows }, null, 2)}\n`);
writeFileSync('bench/results/scales.md', report);
console.log(report);
