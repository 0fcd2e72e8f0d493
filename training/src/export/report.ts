import { inline } from '../../../src/delivery/inline.ts';
import { chooseEngine } from '../../../src/runtime/choose.ts';
import { openDecoderEngine } from '../../../src/runtime/open-decoder.ts';
import { openEncoderEngine } from '../../../src/runtime/open-encoder.ts';
import { planOf } from '../../../src/search/effort.ts';
import type { Config } from '../config.ts';
import type { Picture } from '../data/images.ts';
import { codec } from '../model/codec.ts';
import type { Layout } from '../model/parameters.ts';
import { tf } from '../tf.ts';
import { unpack } from '../trainer.ts';
import { KERNELS, psnr, trainedQualities } from '../watch/evaluate.ts';
import type { ExportedModel } from './model.ts';

/** Means over the pictures at one training rate. */
export interface RateLoss {
  rate: number;
  floatBpp: number;
  integerBpp: number;
  floatPsnr: number;
  integerPsnr: number;
}

/** The picture cut to multiples of 16, so that both models see the same pixels. */
function cut({ name, width, height, data }: Picture): Picture {
  const w = width - (width % 16);
  const h = height - (height % 16);
  const out = new Uint8Array(w * h * 3);
  for (let y = 0; y < h; y++) out.set(data.subarray(y * width * 3, (y * width + w) * 3), y * w * 3);
  return { name, width: w, height: h, data: out };
}

function floatModel(
  config: Config,
  layout: Layout,
  flat: Float32Array,
  { width, height, data }: Picture,
  rate: number,
) {
  return tf.tidy(() => {
    const x = tf.tensor4d(
      Float32Array.from(data, (v) => v / 255 - 0.5),
      [1, height, width, 3],
    );
    const options = { sigma: Number.POSITIVE_INFINITY, forward: 'hard' } as const;
    const out = codec(unpack(layout, flat), config.structure, x, Int32Array.of(rate), options);
    const pixels = tf.round(tf.mul(tf.clipByValue(tf.add(out.picture, 0.5), 0, 1), 255)).dataSync();
    return { bpp: out.bits.dataSync()[0] / (width * height), psnr: psnr(pixels, data) };
  });
}

/** The integer codec, on the kernels where they are built; the reference gives the same bits. */
async function openEngines({ decoder, encoder }: ExportedModel) {
  const choice = await chooseEngine(KERNELS, inline.kernels);
  return {
    decoder: await openDecoderEngine(choice, decoder),
    encoder: await openEncoderEngine(choice, decoder, encoder),
  };
}

/** The integer codec's tile payload and pixels. */
function integerModel(
  { decoder, encoder }: Awaited<ReturnType<typeof openEngines>>,
  { width, height, data }: Picture,
  quality: number,
) {
  const picture = encoder.open({ width, height, step: 3, data });
  for (const _ of picture.analyze());
  const tile = { x: 0, y: 0, width: width / 16, height: height / 16 };
  const coding = picture.encodeTile(tile, quality, planOf(0));
  let step = coding.next();
  while (!step.done) step = coding.next();
  const payload = step.value;
  const out = decoder.open(width, height, quality);
  out.decodeTile(tile, payload);
  const pixels = new Uint8Array(data.length);
  for (const rows of out.pixels({ x: 0, y: 0, width, height })) {
    for (let i = 0; i < width * rows.height; i++) {
      for (let c = 0; c < 3; c++) pixels[(rows.y * width + i) * 3 + c] = rows.data[4 * i + c];
    }
  }
  out.close();
  return { bpp: (payload.length * 8) / (width * height), psnr: psnr(pixels, data) };
}

/** What the integer codec loses against the float model, at every training rate. */
export async function compareWithFloat(
  config: Config,
  layout: Layout,
  flat: Float32Array,
  model: ExportedModel,
  pictures: Picture[],
): Promise<RateLoss[]> {
  const { rates } = config.structure;
  const engines = await openEngines(model);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return Array.from({ length: rates }, (_, rate) => {
    const quality = trainedQualities(rates)[rate];
    const pairs = pictures.map(cut).map((picture) => ({
      float: floatModel(config, layout, flat, picture, rate),
      integer: integerModel(engines, picture, quality),
    }));
    return {
      rate,
      floatBpp: mean(pairs.map(({ float }) => float.bpp)),
      integerBpp: mean(pairs.map(({ integer }) => integer.bpp)),
      floatPsnr: mean(pairs.map(({ float }) => float.psnr)),
      integerPsnr: mean(pairs.map(({ integer }) => integer.psnr)),
    };
  });
}
