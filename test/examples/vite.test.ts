import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { decode, encode } from 'shvq';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, serveFolder } from '../bundlers/serve.js';
import { sha256 } from '../engines/exercise.js';
import { launchChromium } from '../support/browser.js';

const browser = await launchChromium();

describe.skipIf(!browser)('examples/vite', () => {
  let folder: string;
  let served: Served;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shvq-vite-'));
    cpSync('examples/vite', folder, { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(resolve('.'), join(folder, 'node_modules/shvq'));
    await build({ root: folder, logLevel: 'warn' });
    served = await serveFolder(join(folder, 'dist'));
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('encodes the photo that is picked, as Node does, and shows it', async () => {
    const photo = sharp('examples/photo/kodim23.png').resize(192).removeAlpha();
    const path = join(folder, 'photo.png');
    await photo.png().toFile(path);
    const { data, info } = await sharp(path)
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const file = await encode({ width: info.width, height: info.height, data }, { quality: 60 });

    const page = await browser!.newPage();
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(String(error)));
    page.on('requestfailed', (request) => failures.push(request.url()));
    await page.goto(served.url);
    await page.getByLabel('Photo').setInputFiles(path);
    await page.getByText(`192 x ${info.height} pixels in ${file.length} bytes`).waitFor();
    const shown = await page.evaluate(`(() => {
      const canvas = document.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return Array.from(data);
    })()`);
    const pixels = await decode(file);
    expect(await sha256(Uint8Array.from(shown as number[]))).toBe(
      await sha256(new Uint8Array(pixels.data.buffer)),
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByText('Save photo.shv').click(),
    ]);
    expect(readFileSync(await download.path())).toEqual(Buffer.from(file));
    expect(failures).toEqual([]);
  });
});
