import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { BrowserContext, Page, Response } from 'playwright-core';
import sharp from 'sharp';
import { decode } from 'shvq/decode';
import { encode } from 'shvq/encode';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serve } from '../engines/server.js';
import { launchChromium } from '../support/browser.js';
import { expectSameBytes } from '../support/codec.js';

const browser = await launchChromium();

const WIDTH = 200;
const HEIGHT = 300;

const page = (body: string) => `<!doctype html><title>shvq</title>
<link rel="icon" href="data:,">${body}
<script type="module">
  import { registerServiceWorker } from '/dist/service-worker-register.js';
  await registerServiceWorker('/service-worker.js');
  globalThis.registered = true;
</script>`;

describe.skipIf(!browser)('the service worker', async () => {
  let url: string;
  let close: () => void;
  let pixels: Uint8ClampedArray;
  let context: BrowserContext;
  let tab: Page;
  const waiting: { response: ServerResponse; rest: Uint8Array }[] = [];

  beforeAll(async () => {
    const rgba = await sharp('examples/photo/kodim23.png')
      .resize(WIDTH, HEIGHT)
      .ensureAlpha()
      .raw()
      .toBuffer();
    for (let i = 0; i < WIDTH * HEIGHT; i++) rgba[4 * i + 3] = (i % WIDTH) + 50;
    const data = new Uint8ClampedArray(new Uint8Array(rgba).buffer);
    const file = await encode({ width: WIDTH, height: HEIGHT, data }, { tileLog2: 6 });
    pixels = (await decode(file)).data;
    const broken = file.slice();
    broken[file.length >> 1]! ^= 1;
    const send = (etag: string) => (response: ServerResponse) =>
      void response.writeHead(200, { etag, 'cache-control': 'no-cache' }).end(file);
    const head = Math.floor(file.length * 0.9);
    ({ url, close } = await serve({
      '/service-worker.js': await readFile('dist/service-worker.js', 'utf8'),
      '/below/service-worker.js': '',
      '/failing.js': "oninstall = (event) => event.waitUntil(Promise.reject(new Error('no')));",
      '/own.js': "importScripts('/service-worker.js');",
      '/index.html': page('<img src="/photo.shv" alt="A photo">'),
      '/empty.html': page(''),
      '/plain.html': '<!doctype html><title>shvq</title><link rel="icon" href="data:,">',
      '/photo.shv': file,
      '/tagged.shv': send('"one"'),
      '/broken.shv': broken,
      '/text.shv': 'no picture',
      '/slow.shv': (response) => {
        response.writeHead(200, { 'content-length': file.length });
        response.write(file.subarray(0, head));
        waiting.push({ response, rest: file.subarray(head) });
      },
    }));
  });
  beforeEach(async () => {
    await context?.close();
    context = await browser!.newContext();
    tab = await context.newPage();
    tab.on('pageerror', (error) => expect.fail(String(error)));
  });
  afterAll(async () => {
    await browser?.close();
    for (const { response } of waiting) response.end();
    close?.();
  });

  async function open(path: string): Promise<void> {
    await tab.goto(url + path);
    await tab.waitForFunction('globalThis.registered');
  }

  /** Shows an image; its response, and whether it loaded. */
  async function show(path: string): Promise<{ response: Response; loaded: boolean }> {
    const [response, loaded] = await Promise.all([
      tab.waitForResponse((one) => one.url() === url + path),
      tab.evaluate(`new Promise((done) => {
        const image = new Image();
        image.onload = () => done(true);
        image.onerror = () => done(false);
        image.src = '${path}';
        document.body.append(image);
      })`),
    ]);
    return { response, loaded: loaded as boolean };
  }

  async function expectPixels(png: Uint8Array): Promise<void> {
    const raw = await sharp(png).ensureAlpha().raw().toBuffer();
    expectSameBytes(new Uint8ClampedArray(raw), pixels);
  }

  it('shows the exact pixels in an <img> on the first visit, and on the next', async () => {
    await open('/index.html');
    await tab.waitForFunction(`document.images[0].naturalWidth === ${WIDTH}`);
    const served = tab.waitForResponse((response) => response.url() === `${url}/photo.shv`);
    await tab.reload();
    const response = await served;
    expect(response.headers()['content-type']).toBe('image/png');
    await expectPixels(await response.body());
    await tab.waitForFunction(`document.images[0].naturalHeight === ${HEIGHT}`);
    // Opaque pixels come through a canvas as they are.
    const opaque = await tab.evaluate(`(() => {
      const canvas = new OffscreenCanvas(${WIDTH}, ${HEIGHT});
      const context = canvas.getContext('2d');
      context.drawImage(document.images[0], 0, 0);
      return [...context.getImageData(${WIDTH - 1}, 9, 1, 1).data];
    })()`);
    const at = (9 * WIDTH + WIDTH - 1) * 4;
    const alpha = pixels[at + 3]!;
    expect((opaque as number[])[3]).toBe(alpha);
    for (let c = 0; c < 3; c++) {
      expect(Math.abs((opaque as number[])[c]! - pixels[at + c]!)).toBeLessThanOrEqual(1);
    }
  });

  it('gives scripts the file as it is, and shows a picture that is opened by itself', async () => {
    await open('/empty.html');
    const bytes = await tab.evaluate(
      `fetch('/photo.shv').then((r) => r.arrayBuffer()).then((b) => [...new Uint8Array(b, 0, 3)])`,
    );
    expect(bytes).toEqual([0x53, 0x48, 0x56]);
    const response = await tab.goto(`${url}/photo.shv`);
    expect(response!.headers()['content-type']).toBe('image/png');
    expect(await tab.evaluate('document.images[0].naturalWidth')).toBe(WIDTH);
  });

  it('makes broken images of what is wrong, and says why', async () => {
    await open('/empty.html');
    const corrupt = await show('/broken.shv');
    expect(corrupt.loaded).toBe(false);
    const text = await show('/text.shv');
    expect([text.loaded, text.response.status()]).toEqual([false, 422]);
    expect(text.response.statusText()).toMatch(/^shvq BAD_MAGIC: /);
    expect(await text.response.text()).toMatch(/^shvq BAD_MAGIC: /);
    const missing = await show('/nowhere.shv');
    expect([missing.loaded, missing.response.status()]).toEqual([false, 404]);
    expect((await show('/photo.shv')).loaded).toBe(true);
  });

  it('paints rows before the file has arrived', async () => {
    await open('/empty.html');
    await tab.evaluate(`(() => {
      const image = new Image();
      image.src = '/slow.shv';
      document.body.append(image);
    })()`);
    await tab.waitForFunction(`document.images[0].naturalWidth === ${WIDTH}`);
    expect(await tab.evaluate('document.images[0].complete')).toBe(false);
    for (const { response, rest } of waiting.splice(0)) response.end(rest);
    await tab.waitForFunction('document.images[0].complete');
  });

  it('keeps what it has decoded as long as the file stays the same', async () => {
    await open('/empty.html');
    expect((await show('/tagged.shv')).loaded).toBe(true);
    const cached = `caches.open('shvq-png-1').then((cache) => cache.match('/tagged.shv')).then((r) => r?.headers.get('x-shvq-source'))`;
    await tab.waitForFunction(`${cached}.then((source) => source === '"one"')`);
    await tab.reload();
    await tab.waitForFunction('globalThis.registered');
    const again = await show('/tagged.shv');
    expect(again.response.headers()['x-shvq-source']).toBe('"one"');
    await expectPixels(await again.response.body());
  });

  it('is refused where it would never serve the page', async () => {
    await tab.goto(`${url}/plain.html`);
    const register = (script: string) =>
      tab.evaluate(`import('/dist/service-worker-register.js')
        .then(({ registerServiceWorker }) => registerServiceWorker('${script}'))
        .then(() => 'no error', ({ code, message }) => code + ': ' + message)`);
    expect(await register('/below/service-worker.js')).toMatch(
      /^LOAD_FAILED: .*\/below\/ and below, and not this page: copy/,
    );
    expect(await register('/failing.js')).toMatch(/^LOAD_FAILED: .*failing\.js could not/);
    expect(await register('/nowhere.js')).toMatch(/^LOAD_FAILED: .*nowhere\.js could not/);
  });

  it('works within a worker of the site’s own', async () => {
    await tab.goto(`${url}/photo.shv`).catch(() => {});
    await tab.route('**/own.html', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: page('').replace('/service-worker.js', '/own.js'),
      }),
    );
    await open('/own.html');
    expect((await show('/photo.shv')).loaded).toBe(true);
  });
});
