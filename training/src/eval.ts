import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from './config.ts';
import { readTrainingSet, trainingFolder } from './data/images.ts';
import { layoutOf } from './model/parameters.ts';
import { loadAveraged } from './state/load.ts';
import { useNativeBackend } from './tf.ts';
import { evaluationPictures, kodakFolder } from './watch/evaluate.ts';
import { floatCurve, roundedPoint } from './watch/float.ts';

// The float model on a folder of pictures: estimated bits without headers, PSNR and MS-SSIM on
// 8-bit RGB, for every rate index. For comparison with the integer codec, which measures files.

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    /** A checkpoint or a compact state; default: the profile's latest. */
    from: { type: 'string' },
    images: { type: 'string', default: kodakFolder(root) },
    every: { type: 'string', default: '3' },
    /** Training pictures, for the histogram of vectors. */
    data: { type: 'string', default: trainingFolder(root) },
  },
});

const config = loadConfig(root, args.profile);
const layout = layoutOf(config.structure);
const { weights: flat, step, path } = loadAveraged(root, args.profile, layout, args.from);
console.error(`${path}, step ${step}, ${useNativeBackend()}`);
const pictures = await evaluationPictures(args.images, Number(args.every));
const training = config.structure.vector && (await readTrainingSet(args.data, 256, 100));
for (const point of floatCurve(config, layout, flat, pictures, training)) {
  console.log(
    JSON.stringify({
      profile: args.profile,
      step,
      images: pictures.length,
      ...roundedPoint(point),
    }),
  );
}
