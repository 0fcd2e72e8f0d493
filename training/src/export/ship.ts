import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseTensors } from '../../../src/model/tensors.ts';
import { type Bits, type CompactModel, compactModel, SHIPPED_BITS } from '../compact/compact.ts';
import { type CompressionLoss, compressionLoss } from '../compact/loss.ts';
import { probingOf } from '../compact/probing.ts';
import type { Config } from '../config.ts';
import type { ImageSet, Picture } from '../data/images.ts';
import type { Layout } from '../model/parameters.ts';
import { writeAtomically } from '../state/checkpoint.ts';
import { evaluateModel, type RatePoint } from '../watch/evaluate.ts';
import { exportModel } from './model.ts';
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
  /** That the files may take; those of the shipped models unless said. */
  bits?: Bits;
  /** The folder of the models. */
  out: string;
}

const QUALITIES = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

/**
 * Writes <profile>-decoder.shvw, <profile>-encoder.shvw and the card <profile>.md; returns what the
 * card says.
 */
export async function ship(shipment: Shipment): Promise<string> {
  const { config, layout, weights, images, pictures, bits = SHIPPED_BITS, out } = shipment;
  const exported = exportModel(config, layout, weights, images);
  const losses = await compareWithFloat(config, layout, weights, exported, pictures, images);
  const parts = {
    decoder: parseTensors(exported.decoderFile),
    encoder: parseTensors(exported.encoderFile),
  };
  const model = compactModel(parts, bits, probingOf(config, images));
  const compression = await compressionLoss(exported, model, pictures);
  const curve = await evaluateModel(model, pictures, QUALITIES);
  mkdirSync(out, { recursive: true });
  for (const part of ['decoder', 'encoder'] as const) {
    writeAtomically(join(out, `${config.profile}-${part}.shvw`), [model.files[part].bytes]);
  }
  const text = cardOf(shipment, { model, losses, compression, curve });
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

/** What the card's tables say. */
interface Measured {
  model: CompactModel;
  losses: RateLoss[];
  compression: Record<'decoder' | 'encoder', CompressionLoss>;
  curve: RatePoint[];
}

/** The rows of a card's table of what compressing the weights costs. */
export function compressionRows(
  { files }: CompactModel,
  compression: Measured['compression'],
): string[] {
  const percent = (x: number) => `${x.toFixed(2)} %`;
  return (['decoder', 'encoder'] as const).map((part) => {
    const { psnr, msssim, rateOnly, distortionOnly } = compression[part];
    const bits = files[part].bitsPerWeight.toFixed(3);
    return [part, bits, ...[psnr, msssim, rateOnly, distortionOnly].map(percent)].join(' | ');
  });
}

function cardOf(
  { config, layout, step, hours, images, pictures }: Shipment,
  { model, losses, compression, curve }: Measured,
): string {
  const { profile, structure, run } = config;
  const weightsIn = (prefix: string) =>
    layout.parameters.filter((p) => p.name.startsWith(prefix)).reduce((n, p) => n + p.size, 0);
  const megapixels = images.pixelsUpTo[images.pixelsUpTo.length - 1] / 1e6;
  const files = (['decoder', 'encoder'] as const).map((part) => {
    const { bytes } = model.files[part];
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

## Compression of the weights

Weights are indices on steps of their rows and columns, under shvq's own coder (\`training/src/compact\`).
BD-rate on the same pictures with nearest centers, against the model before: the decoder's part, and
the encoder's against the decoder's; the last two columns are MS-SSIM's, with the bytes or the pixels of
the model before.

| part | bits a weight | PSNR | MS-SSIM | bytes alone | distortion alone |
|---|---|---|---|---|---|
${table(compressionRows(model, compression))}

## Rate and distortion

The same pictures, whole files, default effort.

| quality | bpp | PSNR dB | MS-SSIM | MS-SSIM dB |
|---|---|---|---|---|
${table(curveRows)}
`;
}
