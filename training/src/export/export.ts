import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config.ts';
import { readPicture, readTrainingSet, trainingFolder } from '../data/images.ts';
import { layoutOf } from '../model/parameters.ts';
import { loadAveraged } from '../state/load.ts';
import { useNativeBackend } from '../tf.ts';
import { exportModel } from './model.ts';
import { compareWithFloat } from './report.ts';

/*
 * npm run export -- --profile default
 *
 * Writes models/<profile>-decoder.shvw and models/<profile>-encoder.shvw from the averaged weights
 * of a run, and prints what the integer codec loses against the float model.
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    /** Training pictures, on which the activations' ranges are calibrated. */
    data: { type: 'string', default: trainingFolder(root) },
    /** Pictures that the report compares on. */
    pictures: { type: 'string', default: join(root, '../../shared/data/kodak') },
    /** Every n-th of them. */
    every: { type: 'string', default: '8' },
    /** A compact state or a checkpoint; without it the run's own. */
    from: { type: 'string' },
    out: { type: 'string', default: join(root, '../models') },
  },
});

console.log(`backend ${useNativeBackend()}`);
const config = loadConfig(root, args.profile);
const layout = layoutOf(config.structure);
const { step, weights, path } = loadAveraged(root, config.profile, layout, args.from);
console.log(`${config.profile}: averaged weights of step ${step} from ${path}`);

const model = exportModel(config, layout, weights, await readTrainingSet(args.data));
console.log(`largest latent ${model.largestLatent.toFixed(1)} of 32`);
const names = readdirSync(args.pictures)
  .filter((name) => /\.(png|jpe?g)$/i.test(name))
  .sort();
const chosen = names.filter((_, i) => i % Number(args.every) === 0);
const pictures = await Promise.all(
  chosen.map((name) => readPicture(join(args.pictures, name), name)),
);
console.log(`integer against float, means of ${pictures.length} pictures`);
for (const loss of await compareWithFloat(config, layout, weights, model, pictures)) {
  const rate = 100 * (loss.integerBpp / loss.floatBpp - 1);
  console.log(
    `rate ${loss.rate}: ${loss.floatBpp.toFixed(4)} -> ${loss.integerBpp.toFixed(4)} bpp ` +
      `(${rate.toFixed(2)} %), ${loss.floatPsnr.toFixed(3)} -> ${loss.integerPsnr.toFixed(3)} dB`,
  );
}
mkdirSync(args.out, { recursive: true });
for (const part of ['decoder', 'encoder'] as const) {
  const file = join(args.out, `${config.profile}-${part}.shvw`);
  writeFileSync(file, model[`${part}File`]);
  console.log(`${file}: ${model[`${part}File`].length} bytes`);
}
console.log(`model ${model.decoder.id}`);
