/**
 * The main job on a real photo: encodes examples/photo/kodim23.png, decodes it again, and writes
 * demo/photo.shv, demo/decoded.png and demo/side-by-side.png (source left, result right).
 *
 *   npm run demo [-- PICTURE [QUALITY]]
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { createDecoder } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import { MSSSIM_SIDE_MIN, msssim, msssimDecibels } from '../src/cli/metrics/msssim.js';
import { psnr } from '../src/cli/metrics/psnr.js';
import { encodePng } from '../src/cli/png.js';
import { readSource } from '../src/cli/source.js';
import { shortId } from '../src/format/model-id.js';

const path = process.argv[2] ?? 'examples/photo/kodim23.png';
const quality = process.argv[3] === undefined ? 75 : Number(process.argv[3]);

const source = await readSource(await readFile(path), false);
const encoder = createEncoder();
const decoder = createDecoder();
const { build, profile, modelId } = await encoder.load();
await decoder.load();

const file = await timed(() => encoder.encode(source, { quality }));
const decoded = await timed(() => decoder.decode(file.value));
const image = decoded.value;

mkdirSync('demo', { recursive: true });
writeFileSync('demo/photo.shv', file.value);
writeFileSync('demo/decoded.png', encodePng(image));
await sideBySide('demo/side-by-side.png');

const { width, height } = image;
const bpp = (file.value.length * 8) / (width * height);
const tooSmall = Math.min(width, height) < MSSSIM_SIDE_MIN;
const similarity = tooSmall ? Number.NaN : msssim(source, image);
console.log(`
${path}, ${width}x${height}, quality ${quality}
profile    ${profile}, model ${shortId(modelId)}, ${build}
size       ${file.value.length} bytes, ${bpp.toFixed(3)} bpp
PSNR       ${psnr(source, image).toFixed(2)} dB
MS-SSIM    ${similarity.toFixed(5)}, ${msssimDecibels(similarity).toFixed(2)} dB
encode     ${file.milliseconds.toFixed(0)} ms
decode     ${decoded.milliseconds.toFixed(0)} ms
SHA-256    ${createHash('sha256').update(image.data).digest('hex')} (RGBA pixels)

demo/photo.shv, demo/decoded.png, demo/side-by-side.png`);

async function timed<T>(run: () => Promise<T>): Promise<{ value: T; milliseconds: number }> {
  const start = performance.now();
  const value = await run();
  return { value, milliseconds: performance.now() - start };
}

async function sideBySide(output: string): Promise<void> {
  const { width, height } = source;
  const gap = 8;
  const channels = source.data.length / (width * height) === 4 ? 4 : 3;
  const left = await sharp(source.data, { raw: { width, height, channels } }).png().toBuffer();
  await sharp({
    create: {
      width: 2 * width + gap,
      height,
      channels: 4,
      background: { r: 255, g: 255, b: 255, alpha: 0 },
    },
  })
    .composite([
      { input: left, left: 0, top: 0 },
      { input: 'demo/decoded.png', left: width + gap, top: 0 },
    ])
    .png()
    .toFile(output);
}
