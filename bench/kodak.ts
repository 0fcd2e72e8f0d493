import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Pixels } from '../src/cli/metrics/pixels.js';

/** Where the pictures lie unless --kodak or the environment's KODAK says otherwise. */
const DEFAULT_FOLDER = '../shared/data/kodak';

/**
 * Paths of the Kodak pictures, kodim01.png to kodim24.png.
 *
 * @param folder Value of --kodak.
 */
export function kodakFiles(folder?: string): string[] {
  const where = folder ?? process.env.KODAK ?? DEFAULT_FOLDER;
  const files = existsSync(where)
    ? readdirSync(where).filter((name) => /^kodim\d\d\.png$/.test(name))
    : [];
  if (files.length === 0) {
    console.error(
      `No Kodak pictures in ${where}. Put kodim01.png to kodim24.png (https://r0k.us/graphics/kodak/)` +
        ' into a folder and name it with --kodak FOLDER or KODAK=FOLDER.',
    );
    process.exit(1);
  }
  return files.sort().map((name) => join(where, name));
}

/** So many of the files, spread over all. */
export function everyNth(files: string[], count: number): string[] {
  const wanted = Math.min(count, files.length);
  return Array.from({ length: wanted }, (_, i) => files[Math.floor((i * files.length) / wanted)]!);
}

/** RGBA pixels of a picture file. */
export async function loadPixels(path: string): Promise<Pixels> {
  const { data, info } = await sharp(path)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { buffer, byteOffset, byteLength } = data;
  return {
    width: info.width,
    height: info.height,
    // The peers read the whole buffer behind a view, so it must hold nothing else.
    data: new Uint8ClampedArray(buffer.slice(byteOffset, byteOffset + byteLength)),
  };
}
