import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDecoder } from '../../../src/decode.ts';
import { createEncoder } from '../../../src/encode.ts';
import { type Picture, readPicture } from '../data/images.ts';
import { qualityOf } from '../data/rates.ts';
import type { ExportedModel } from '../export/model.ts';
import { msssim } from '../loss/msssim.ts';
import { type Tensor4D, tf } from '../tf.ts';

/** Means over pictures of whole files from the integer codec, at one quality. */
export interface RatePoint {
  quality: number;
  bpp: number;
  /** Of the mean: PSNR of each picture on 8-bit RGB, dB. */
  psnr: number;
  msssim: number;
  /** -10 log10(1 - MS-SSIM). */
  msssimDb: number;
}

export interface Evaluation {
  step: number;
  pictures: number;
  seconds: number;
  rates: RatePoint[];
}

/** A decoded picture, for whoever wants to look at it. */
export type Look = (picture: Picture, quality: number, rgb: Uint8Array) => void;

/** The folder of Kodak's pictures unless --kodak says otherwise. */
export function kodakFolder(root: string): string {
  return process.env.SHVQ_KODAK ?? join(root, '../../shared/data/kodak');
}

/** Every n-th picture of a folder, by name; none where there is no such folder. */
export async function evaluationPictures(folder: string, every: number): Promise<Picture[]> {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => /\.(png|jpe?g|webp)$/i.test(name))
    .sort()
    .filter((_, i) => i % every === 0);
  return Promise.all(names.map((name) => readPicture(join(folder, name), name)));
}

const path = new URL('../../../build/simd.wasm', import.meta.url);
/** The SDK's kernels, read with the sources that they belong to: a run may outlive both. */
export const KERNELS = existsSync(path) ? readFileSync(path) : 'reference';

/**
 * Encodes and decodes pictures with the exported model and the SDK, on its kernels where they are
 * built; the reference gives the same files and pixels.
 */
export async function evaluateModel(
  model: Pick<ExportedModel, 'decoder' | 'encoder'>,
  pictures: Picture[],
  qualities: number[],
  { effort, look }: { effort?: number; look?: Look } = {},
): Promise<RatePoint[]> {
  const encoder = createEncoder({ wasm: KERNELS, model });
  const decoder = createDecoder({ wasm: KERNELS, model: model.decoder });
  const points: RatePoint[] = [];
  for (const quality of qualities) {
    const sums = { bpp: 0, psnr: 0, msssim: 0 };
    for (const picture of pictures) {
      const { width, height, data } = picture;
      const file = await encoder.encode({ width, height, data }, { quality, effort });
      const decoded = await decoder.decode(file);
      const rgb = new Uint8Array(width * height * 3);
      for (let i = 0; i < width * height; i++) {
        for (let c = 0; c < 3; c++) rgb[3 * i + c] = decoded.data[4 * i + c];
      }
      sums.bpp += (file.length * 8) / (width * height) / pictures.length;
      sums.psnr += psnr(data, rgb) / pictures.length;
      sums.msssim += msssimOf(data, rgb, width, height) / pictures.length;
      look?.(picture, quality, rgb);
    }
    points.push({ quality, ...sums, msssimDb: -10 * Math.log10(1 - sums.msssim) });
  }
  return points;
}

/** Of values on 0..255, dB. */
export function psnr(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return 10 * Math.log10((255 ** 2 * a.length) / sum);
}

function msssimOf(a: Uint8Array, b: Uint8Array, width: number, height: number): number {
  const tensor = (v: Uint8Array) =>
    tf.tensor4d(
      Float32Array.from(v, (x) => x / 255),
      [1, height, width, 3],
    ) as Tensor4D;
  const value = tf.tidy(() => msssim(tensor(a), tensor(b)));
  const [result] = value.dataSync();
  value.dispose();
  return result;
}

/** The qualities that are training rates: evenly from 0 to 100. */
export function trainedQualities(rates: number): number[] {
  return Array.from({ length: rates }, (_, q) => Math.round(qualityOf(q, rates)));
}
