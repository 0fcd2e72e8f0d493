import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDecoderModel, buildEncoderModel } from '../../../src/model/build.ts';
import { readModelTensors } from '../../../src/model/read.ts';
import { loadConfig } from '../config.ts';
import { readTrainingSet, trainingFolder } from '../data/images.ts';
import { compressionRows } from '../export/ship.ts';
import { useNativeBackend } from '../tf.ts';
import { evaluationPictures, kodakFolder } from '../watch/evaluate.ts';
import { compactModel, SHIPPED_BITS } from './compact.ts';
import { compressionLoss } from './loss.ts';
import { probingOf } from './probing.ts';

/*
 * npm run compact -- --profile default --out /some/folder
 *
 * Quantizes the weights of an exported model and writes the two parts, as `npm run export` does with
 * a run's, and prints what that costs.
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const models = join(root, '../models');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    data: { type: 'string', default: trainingFolder(root) },
    /** Training pictures that crops are drawn from, at most. */
    pictures: { type: 'string', default: '300' },
    kodak: { type: 'string', default: kodakFolder(root) },
    /** Every n-th of Kodak's pictures measures the loss; 0: none. */
    every: { type: 'string', default: '8' },
    'decoder-bits': { type: 'string', default: String(SHIPPED_BITS.decoder) },
    'encoder-bits': { type: 'string', default: String(SHIPPED_BITS.encoder) },
    /** The folder of the model's files, and that of the new ones. */
    from: { type: 'string', default: models },
    out: { type: 'string', default: models },
  },
});

useNativeBackend();
const config = loadConfig(root, args.profile);
const read = (part: string) =>
  readModelTensors(readFileSync(join(args.from, `${args.profile}-${part}.shvw`)));
const parts = { decoder: read('decoder'), encoder: read('encoder') };
const bits = { decoder: Number(args['decoder-bits']), encoder: Number(args['encoder-bits']) };
const images = await readTrainingSet(args.data, 256, Number(args.pictures));
const model = compactModel(parts, bits, probingOf(config, images));
mkdirSync(args.out, { recursive: true });
for (const part of ['decoder', 'encoder'] as const) {
  const { bytes, bitsPerWeight, cost } = model.files[part];
  writeFileSync(join(args.out, `${args.profile}-${part}.shvw`), bytes);
  console.log(
    `${part}: ${bytes.length} bytes, ${bitsPerWeight.toFixed(3)} bits a weight; foretold ${(100 * cost).toFixed(2)} % of rate`,
  );
}
const pictures =
  Number(args.every) > 0 ? await evaluationPictures(args.kodak, Number(args.every)) : [];
if (pictures.length > 0) {
  const before = {
    decoder: buildDecoderModel(parts.decoder),
    encoder: buildEncoderModel(parts.encoder),
  };
  console.log('part | bits a weight | PSNR | MS-SSIM | bytes alone | distortion alone');
  const compression = await compressionLoss(before, model, pictures);
  for (const row of compressionRows(model, compression)) console.log(row);
}
