import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { ImageSet, Picture } from '../data/images.ts';
import type { Layout } from '../model/parameters.ts';
import { writeAtomically } from '../state/checkpoint.ts';
import { evaluateModel, type RatePoint } from '../watch/evaluate.ts';
import { type ExportedModel, exportModel } from './model.ts';
import { compareWithFloat, type RateLoss } from './report.ts';

export interface Shipment {
  config: Config;
  layout: Layout;
  /** Averaged weights and the step they belong to. */
  weights: Float32Array;
  step: number;
  /** Of training, as far as the run's history goes. */
  hours: number | undefined;
  images: ImageSet;
  /** What the card's tables are measured on. */
  pictures: Picture[];
  /** The folder of the models. */
  out: string;
}

const QUALITIES = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

/**
 * Writes <profile>-decoder.shvw, <profile>-encoder.shvw and the card <profile>.md; returns what the
 * card says.
 */
export async function ship(shipment: Shipment): Promise<string> {
  const { config, layout, weights, images, pictures, out } = shipment;
  const model = exportModel(config, layout, weights, images);
  const losses = await compareWithFloat(config, layout, weights, model, pictures);
  const curve = await evaluateModel(model, pictures, QUALITIES);
  mkdirSync(out, { recursive: true });
  for (const part of ['decoder', 'encoder'] as const) {
    writeAtomically(join(out, `${config.profile}-${part}.shvw`), [model[`${part}File`]]);
  }
  const text = cardOf(shipment, model, losses, curve);
  writeAtomically(join(out, `${config.profile}.md`), [Buffer.from(text)]);
  return text;
}

function commitOf(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown: not in a Git checkout';
  }
}

function cardOf(
  { config, layout, step, hours, images, pictures }: Shipment,
  model: ExportedModel,
  losses: RateLoss[],
  curve: RatePoint[],
): string {
  const { profile, structure, run } = config;
  const weightsIn = (prefix: string) =>
    layout.parameters.filter((p) => p.name.startsWith(prefix)).reduce((n, p) => n + p.size, 0);
  const megapixels = images.pixelsUpTo[images.pixelsUpTo.length - 1] / 1e6;
  const files = (['decoder', 'encoder'] as const).map((part) => {
    const bytes = model[`${part}File`];
    const hash = createHash('sha256').update(bytes).digest('hex');
    return `| \`${profile}-${part}.shvw\` | ${bytes.length} | \`${hash}\` |`;
  });
  const lossRows = losses.map((l) =>
    [
      l.rate,
      l.floatBpp.toFixed(4),
      l.integerBpp.toFixed(4),
      `${(100 * (l.integerBpp / l.floatBpp - 1)).toFixed(2)} %`,
      l.floatPsnr.toFixed(3),
      l.integerPsnr.toFixed(3),
    ].join(' | '),
  );
  const curveRows = curve.map((p) =>
    [
      p.quality,
      p.bpp.toFixed(4),
      p.psnr.toFixed(3),
      p.msssim.toFixed(5),
      p.msssimDb.toFixed(3),
    ].join(' | '),
  );
  const table = (rows: string[]) => rows.map((row) => `| ${row} |`).join('\n');
  return `# ${profile}

- Decoder id: \`${model.decoder.id}\`
- Licence: MIT (\`LICENSE\`).

| file | bytes | SHA-256 |
|---|---|---|
${files.join('\n')}

## Structure

${structure.channels} latent channels, ${structure.centers} centers, ${structure.rates} rates. Weights: analysis ${weightsIn('analysis.')},
synthesis ${weightsIn('synthesis.')}, context model ${weightsIn('context.')}; 16-bit integers with 32-bit accumulators, of
which the exporter checked that none can overflow.

## Training

- Data: ${images.pictures.length} pictures, ${megapixels.toFixed(0)} megapixels, scaled and chosen as \`training/src/data/images.ts\`
  says.
- ${step} steps of ${run.batch} crops of ${run.crop}x${run.crop}, seed ${run.seed}${hours === undefined ? '' : `, ${hours.toFixed(1)} hours`}; \`training/RUNS.md\` has the machine.
- Configuration \`training/configs/${profile}.json\` at commit ${commitOf()}.

## Float model against integer codec

Means of ${pictures.length} Kodak pictures, nearest centers, tile payload against the float model's estimate.

| rate | float bpp | integer bpp | difference | float PSNR dB | integer PSNR dB |
|---|---|---|---|---|---|
${table(lossRows)}

## Rate and distortion

The same pictures, whole files, default effort.

| quality | bpp | PSNR dB | MS-SSIM | MS-SSIM dB |
|---|---|---|---|---|
${table(curveRows)}
`;
}
