import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from './config.ts';
import { type Picture, readPicture } from './data/images.ts';
import { msssim } from './loss/msssim.ts';
import { codec } from './model/codec.ts';
import { layoutOf } from './model/parameters.ts';
import { loadAveraged } from './state/load.ts';
import { type Tensor4D, tf, useNativeBackend } from './tf.ts';
import { unpack } from './trainer.ts';

// The float model on a folder of pictures: estimated bits without headers, PSNR and MS-SSIM on
// 8-bit RGB, for every rate index. For comparison with the integer codec, which measures files.

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    /** A checkpoint or a compact state; default: the profile's latest. */
    from: { type: 'string' },
    images: { type: 'string', default: join(root, '../../shared/data/kodak') },
    every: { type: 'string', default: '3' },
  },
});

const config = loadConfig(root, args.profile);
const layout = layoutOf(config.structure);
const { weights: flat, step, path } = loadAveraged(root, args.profile, layout, args.from);
console.error(`${path}, step ${step}, ${useNativeBackend()}`);
const names = readdirSync(args.images)
  .filter((name) => /\.(png|jpe?g|webp)$/i.test(name))
  .sort()
  .filter((_, i) => i % Number(args.every) === 0);
const weights = unpack(layout, flat);
const pictures = await Promise.all(names.map((name) => readPicture(join(args.images, name), name)));

for (let rate = 0; rate < config.structure.rates; rate++) {
  const points = pictures.map((picture) => evaluate(picture, rate));
  const mean = (key: 'bpp' | 'psnr' | 'msssim') =>
    points.reduce((sum, p) => sum + p[key], 0) / points.length;
  console.log(
    JSON.stringify({
      profile: args.profile,
      step,
      images: points.length,
      rate,
      bpp: Number(mean('bpp').toFixed(4)),
      psnr: Number(mean('psnr').toFixed(3)),
      msssim: Number(mean('msssim').toFixed(5)),
      msssimDb: Number((-10 * Math.log10(1 - mean('msssim'))).toFixed(3)),
    }),
  );
}

/** One picture at one rate index. Its edges are replicated up to multiples of 16. */
function evaluate({ width, height, data }: Picture, rate: number) {
  const w = Math.ceil(width / 16) * 16;
  const h = Math.ceil(height / 16) * 16;
  const padded = new Float32Array(w * h * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 3;
      for (let c = 0; c < 3; c++) padded[(y * w + x) * 3 + c] = data[from + c] / 255 - 0.5;
    }
  }
  const measured = tf.tidy(() => {
    const x = tf.tensor4d(padded, [1, h, w, 3]);
    const options = { sigma: Number.POSITIVE_INFINITY, forward: 'hard' } as const;
    const { picture, bits } = codec(weights, config.structure, x, Int32Array.of(rate), options);
    const eight = (t: Tensor4D) =>
      tf.slice(
        tf.round(tf.mul(tf.clipByValue(tf.add(t, 0.5), 0, 1), 255)),
        [0, 0, 0, 0],
        [1, height, width, 3],
      ) as Tensor4D;
    const a = eight(x);
    const b = eight(picture);
    const mse = tf.mean(tf.square(tf.sub(a, b)));
    return tf.stack([
      tf.reshape(bits, []),
      mse,
      tf.reshape(msssim(tf.div(a, 255) as Tensor4D, tf.div(b, 255) as Tensor4D), []),
    ]);
  });
  const [bits, mse, similarity] = measured.dataSync();
  measured.dispose();
  return {
    bpp: bits / (width * height),
    psnr: 10 * Math.log10((255 * 255) / mse),
    msssim: similarity,
  };
}
