import sharp from 'sharp';
import { createDecoder } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/browser.js';
import { modelFiles } from '../support/model-files.js';
import { exercise, sha256 } from './exercise.js';
import { serve } from './server.js';

const browser = await launchChromium();

const PAGE = '<!doctype html><title>shvq</title><link rel="icon" href="data:,">';
const QUALITIES = [0, 40, 100];

/** A photo with transparent and half transparent parts and odd sides. */
async function picture(): Promise<{ width: number; height: number; data: Uint8ClampedArray }> {
  const [width, height] = [203, 149];
  const rgba = await sharp('examples/photo/kodim23.png')
    .extract({ left: 180, top: 60, width, height })
    .ensureAlpha()
    .raw()
    .toBuffer();
  for (let i = 0; i < width * height; i++) rgba[4 * i + 3] = Math.min(255, (i % width) * 2);
  return { width, height, data: new Uint8ClampedArray(new Uint8Array(rgba).buffer) };
}

describe.skipIf(!browser)('Chromium', async () => {
  const image = await picture();
  const model = modelFiles(1);
  let server: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    server = await serve({
      '/': PAGE,
      '/index.html': PAGE,
      '/made/decoder.shvw': model.decoder,
      '/made/encoder.shvw': model.encoder,
      '/made/pixels': new Uint8Array(image.data.buffer),
    });
    console.log(`Chromium ${browser!.version()}`);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each([
    ['a synthetic model', model],
    ['the shipped model', undefined],
  ])('encodes and decodes as Node does, with %s', async (_, chosen) => {
    const page = await browser!.newPage();
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(String(error)));
    await page.goto(`${server.url}/index.html`);
    for (const quality of QUALITIES) {
      // As text: the transforms of the test runner would not survive the way into the page.
      const inPage = await page.evaluate(`(async () => {
        const { exercise, sha256 } = await import('/test/engines/exercise.js');
        const { createDecoder } = await import('/dist/decode.js');
        const { createEncoder } = await import('/dist/encode.js');
        const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
        const model = ${chosen !== undefined} ? {
          decoder: await bytes('/made/decoder.shvw'),
          encoder: await bytes('/made/encoder.shvw'),
        } : undefined;
        const data = new Uint8ClampedArray((await bytes('/made/pixels')).buffer);
        const picture = { width: ${image.width}, height: ${image.height}, data };
        const results = await exercise({ createDecoder, createEncoder }, model, picture, ${quality});
        return Promise.all(results.map(async ({ build, file, pixels }) => ({
          build,
          file: await sha256(file),
          pixels: await sha256(pixels),
        })));
      })()`);
      const inNode = await Promise.all(
        (await exercise({ createDecoder, createEncoder }, chosen, image, quality)).map(
          async ({ build, file, pixels }) => ({
            build,
            file: await sha256(file),
            pixels: await sha256(pixels),
          }),
        ),
      );
      expect(inPage).toEqual(inNode);
      expect(inNode.map(({ build }) => build)).toEqual(['simd', 'plain', 'reference']);
      expect(new Set(inNode.map(({ file }) => file)).size).toBe(1);
      expect(new Set(inNode.map(({ pixels }) => pixels)).size).toBe(1);
    }
    expect(failures).toEqual([]);
    await page.close();
  });

  it('decodes from a fetch under a content security policy that forbids eval', async () => {
    const page = await browser!.newPage();
    const file = await createEncoder({ model }).encode(image, { quality: 50 });
    const decoded = await createDecoder({ model: model.decoder }).decode(file);
    await page.route('**/made/photo.shv', (route) => route.fulfill({ body: Buffer.from(file) }));
    await page.route('**/strict.html', (route) =>
      route.fulfill({
        contentType: 'text/html',
        headers: {
          'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
        },
        body: '<!doctype html><script type="module" src="/made/page.js"></script>',
      }),
    );
    await page.route('**/made/page.js', (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        body: `
          import { createDecoder } from '/dist/decode.js';
          import { sha256 } from '/test/engines/exercise.js';
          const model = await (await fetch('/made/decoder.shvw')).arrayBuffer();
          const { data } = await createDecoder({ model }).decode(await fetch('/made/photo.shv'));
          console.log(await sha256(data));`,
      }),
    );
    const message = page.waitForEvent('console');
    await page.goto(`${server.url}/strict.html`);
    expect((await message).text()).toBe(await sha256(new Uint8Array(decoded.data.buffer)));
    await page.close();
  });
});
