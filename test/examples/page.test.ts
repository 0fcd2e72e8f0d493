import { createReadStream, readdirSync } from 'node:fs';
import sharp from 'sharp';
import { encode } from 'shvq/encode';
import { afterAll, describe, expect, it } from 'vitest';
import { serve } from '../engines/server.js';
import { launchChromium } from '../support/browser.js';

const browser = await launchChromium();
afterAll(() => browser?.close());

describe.skipIf(!browser)('examples/page', () => {
  it('shows the picture, and says so', async () => {
    const { data, info } = await sharp('examples/photo/kodim23.png')
      .resize(384)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const photo = await encode({ width: info.width, height: info.height, data });
    const made: Parameters<typeof serve>[0] = { '/examples/page/photo.shv': photo };
    for (const name of readdirSync('dist').filter((file) => file.endsWith('.js'))) {
      made[`/examples/page/shvq/${name}`] = (response) => {
        response.writeHead(200, { 'content-type': 'text/javascript' });
        createReadStream(`dist/${name}`).pipe(response);
      };
    }
    const server = await serve(made);
    const page = await browser!.newPage({ viewport: { width: 700, height: 600 } });
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(String(error)));
    page.on('requestfailed', (request) => failures.push(request.url()));
    await page.goto(`${server.url}/examples/page/index.html`);
    const text = `${info.width} x ${info.height} pixels`;
    await page.getByText(text).waitFor({ timeout: 60_000 });
    const box = await page.locator('shv-image').boundingBox();
    expect(box!.width / box!.height).toBeCloseTo(info.width / info.height, 1);
    const shot = await sharp(await page.locator('shv-image').screenshot()).stats();
    // Red, green and blue of a photo, and not an empty box.
    for (const { stdev } of shot.channels.slice(0, 3)) expect(stdev).toBeGreaterThan(20);
    expect(failures).toEqual([]);
    await page.close();
    server.close();
  });
});
