import type { Config } from '../config.ts';
import type { ImageSet, Picture } from '../data/images.ts';
import type { Layout } from '../model/parameters.ts';
import { psnr, trainedQualities } from '../watch/evaluate.ts';
import { floatCurve } from '../watch/float.ts';
import { encodeWhole, openEngines } from './engines.ts';
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

/** The integer codec's tile payload and pixels. */
function integerModel(
  { decoder, encoder }: Awaited<ReturnType<typeof openEngines>>,
  { width, height, data }: Picture,
  quality: number,
) {
  const source = { width, height, step: 3, data } as const;
  const { tile, payload } = encodeWhole(encoder, source, quality, 0);
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

/**
 * What the integer codec loses against the float model, at every training rate.
 *
 * @param images Training pictures, whose histograms price vectors.
 */
export async function compareWithFloat(
  config: Config,
  layout: Layout,
  flat: Float32Array,
  model: ExportedModel,
  pictures: Picture[],
  images: ImageSet,
): Promise<RateLoss[]> {
  const { rates } = config.structure;
  const engines = await openEngines(model);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const same = pictures.map(cut);
  return floatCurve(config, layout, flat, same, images).map(({ rate, bpp, psnr }) => {
    const quality = trainedQualities(rates)[rate];
    const integers = same.map((picture) => integerModel(engines, picture, quality));
    return {
      rate,
      floatBpp: bpp,
      integerBpp: mean(integers.map((one) => one.bpp)),
      floatPsnr: psnr,
      integerPsnr: mean(integers.map((one) => one.psnr)),
    };
  });
}
