import { basename } from 'node:path';
import { createDecoder } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import { msssim } from '../src/cli/metrics/msssim.js';
import { psnr } from '../src/cli/metrics/psnr.js';
import { loadPixels } from './kodak.js';
import { decoderSettings, encoderSettings, type ModelChoice } from './model.js';

/** What the worker processes of `rd.ts` get, as JSON in their first argument. */
export interface RdSettings extends ModelChoice {
  qualities: number[];
  /** The encoder's default where it is left out. */
  effort?: number;
}

/** One file of ours. */
export interface RdMeasurement {
  image: string;
  q: number;
  bytes: number;
  bpp: number;
  psnr: number;
  msssim: number;
}

const settings = JSON.parse(process.argv[2]!) as RdSettings;
const encoder = createEncoder(await encoderSettings(settings));
const effort = settings.effort !== undefined && { effort: settings.effort };
const decoder = createDecoder(await decoderSettings(settings));

process.on('message', async (path: string) => {
  const picture = await loadPixels(path);
  const rows: RdMeasurement[] = [];
  for (const q of settings.qualities) {
    const file = await encoder.encode(picture, { quality: q, ...effort });
    const decoded = await decoder.decode(file);
    rows.push({
      // As the anchors name them: kodim07.png is 07.png.
      image: basename(path).replace('kodim', ''),
      q,
      bytes: file.length,
      bpp: (file.length * 8) / (picture.width * picture.height),
      psnr: psnr(picture, decoded),
      msssim: msssim(picture, decoded),
    });
  }
  process.send!(rows);
});
