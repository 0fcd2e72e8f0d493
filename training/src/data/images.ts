import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Rng } from '../rng.ts';
import { paintCrop } from './painted.ts';

/** An 8-bit RGB picture, rows from the top, three bytes a pixel. */
export interface Picture {
  name: string;
  width: number;
  height: number;
  data: Uint8Array;
}

/** Pictures with their running pixel count, so that they can be drawn by size. */
export interface ImageSet {
  pictures: Picture[];
  pixelsUpTo: Float64Array;
}

const IS_PICTURE = /\.(jpe?g|png|webp|tiff?)$/i;

/**
 * How a training picture is scaled before it is cropped: large ones are brought down to 900
 * pixels, the imagenet-* ones a little, which hides the traces of their JPEG compression.
 */
export function scaleOf(name: string, width: number, height: number): number {
  if (!name.startsWith('imagenet-')) return 1;
  const longest = Math.max(width, height);
  const shortest = Math.min(width, height);
  if (longest > 900) return 900 / longest;
  if (shortest > 330) return Math.max(0.75, 300 / shortest);
  return 1;
}

/** Decodes one picture to RGB, scaled by the training rule if `training`. */
export async function readPicture(path: string, name: string, training = false): Promise<Picture> {
  let image = sharp(path).removeAlpha().toColourspace('srgb');
  if (training) {
    const { width = 0, height = 0 } = await sharp(path).metadata();
    const scale = scaleOf(name, width, height);
    if (scale !== 1) {
      image = image.resize(Math.round(width * scale), Math.round(height * scale), { fit: 'fill' });
    }
  }
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${path}: ${info.channels} channels, not 3`);
  return { name, width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** The folder of the training pictures unless --data says otherwise. */
export function trainingFolder(root: string): string {
  return process.env.SHVQ_DATA ?? join(root, '../../shared/data/train');
}

/**
 * Decodes a folder's pictures, or `most` of them, into memory; those with a side under `shortest`
 * are dropped.
 */
export async function readTrainingSet(
  folder: string,
  shortest = 256,
  most = Number.POSITIVE_INFINITY,
): Promise<ImageSet> {
  sharp.concurrency(1);
  const pictures: Picture[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!IS_PICTURE.test(name)) continue;
    if (pictures.length >= most) break;
    const picture = await readPicture(join(folder, name), name, true);
    if (Math.min(picture.width, picture.height) >= shortest) pictures.push(picture);
  }
  if (pictures.length === 0) throw new Error(`no pictures in ${folder}`);
  return imageSet(pictures);
}

export function imageSet(pictures: Picture[]): ImageSet {
  const pixelsUpTo = new Float64Array(pictures.length);
  let sum = 0;
  pictures.forEach((p, i) => {
    sum += p.width * p.height;
    pixelsUpTo[i] = sum;
  });
  return { pictures, pixelsUpTo };
}

/** Writes a random side x side crop of a random picture to out[at...] as RGB / 255 - 0.5. */
export function fillCrop(
  set: ImageSet,
  side: number,
  rng: Rng,
  out: Float32Array,
  at: number,
  flip = false,
): void {
  const target = rng.uniform() * set.pixelsUpTo[set.pixelsUpTo.length - 1];
  let low = 0;
  let high = set.pictures.length - 1;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (set.pixelsUpTo[mid] <= target) low = mid + 1;
    else high = mid;
  }
  const { width, height, data } = set.pictures[low];
  const x0 = rng.below(width - side + 1);
  const y0 = rng.below(height - side + 1);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = ((y0 + y) * width + x0 + (flip ? side - 1 - x : x)) * 3;
      const to = at + (y * side + x) * 3;
      out[to] = data[from] / 255 - 0.5;
      out[to + 1] = data[from + 1] / 255 - 0.5;
      out[to + 2] = data[from + 2] / 255 - 0.5;
    }
  }
}

/**
 * A batch of crops, each flipped left to right half of the time: [batch, side, side, 3]. A share of
 * them, `painted`, are flat colours, ramps and edges in place of photographs.
 */
export function drawBatch(
  set: ImageSet,
  batch: number,
  side: number,
  rng: Rng,
  painted = 0,
): Float32Array {
  const out = new Float32Array(batch * side * side * 3);
  for (let i = 0; i < batch; i++) {
    const at = i * side * side * 3;
    if (painted > 0 && rng.uniform() < painted) paintCrop(side, rng, out, at);
    else {
      const flip = rng.uniform() < 0.5;
      fillCrop(set, side, rng, out, at, flip);
    }
  }
  return out;
}
