import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { decode } from 'shvq/decode';
import { encode } from 'shvq/encode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../engines/exercise.js';
import { serve } from '../engines/server.js';
import { launchChromium } from '../support/browser.js';

const browser = await launchChromium();

const WIDTH = 320;
const HEIGHT = 240;

async function photo(): Promise<Uint8ClampedArray> {
  const rgba = await sharp('examples/photo/kodim23.png')
    .resize(WIDTH, HEIGHT)
    .ensureAlpha()
    .raw()
    .toBuffer();
  return new Uint8ClampedArray(new Uint8Array(rgba).buffer);
}

/** The README's rule for the time before the script has come. */
const README = await readFile('README.md', 'utf8');
const BEFORE_DEFINITION = /^ *:where\(shv-image:not\(:defined\)\) \{[^}]*\}/m.exec(README)![0];

const page = (body: string, head = '') => `<!doctype html><html lang="en"><title>shvq</title>
<link rel="icon" href="data:,">
<style>body { margin: 20px; font: 16px sans-serif }</style>${head}
<script type="module" src="/dist/element-define.js"></script>
${body}`;

describe.skipIf(!browser)('<shv-image>', async () => {
  let url: string;
  let close: () => void;
  let file: Uint8Array<ArrayBuffer>;
  let pixels: Uint8ClampedArray;
  /** Ends the answers that wait. */
  const waiting: ServerResponse[] = [];
  const pages: Record<string, string> = {};

  beforeAll(async () => {
    const data = await photo();
    file = await encode({ width: WIDTH, height: HEIGHT, data }, { quality: 70, tileLog2: 6 });
    pixels = (await decode(file)).data;
    const p3 = await encode(
      { width: WIDTH, height: HEIGHT, data, colorSpace: 'display-p3' },
      { quality: 70 },
    );
    const broken = file.slice();
    broken[file.length - 3]! ^= 1;
    const wide = { width: 70_000, height: 16, data: new Uint8Array(70_000 * 16 * 3) };
    const png = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } })
      .png()
      .toBuffer();
    const head = Math.ceil(file.length * 0.8);
    ({ url, close } = await serve({
      '/photo.shv': file,
      '/p3.shv': p3,
      '/broken.shv': broken,
      '/wide.shv': await encode(wide, { effort: 0 }),
      '/photo.png': new Uint8Array(png),
      '/half.shv': (response) => {
        response.writeHead(200, { 'content-length': file.length });
        response.write(file.subarray(0, head));
        waiting.push(response);
      },
    }));
  });
  afterAll(async () => {
    await browser?.close();
    for (const response of waiting) response.end();
    close?.();
  });

  /** Opens a page with this body. */
  async function open(
    body: string,
    options: { scale?: number; head?: string } = {},
  ): Promise<Page> {
    const context = await browser!.newContext({
      viewport: { width: 800, height: 600 },
      deviceScaleFactor: options.scale ?? 1,
    });
    const tab = await context.newPage();
    const path = `/page-${Object.keys(pages).length}.html`;
    pages[path] = page(body, options.head);
    await tab.route(`**${path}`, (route) =>
      route.fulfill({ contentType: 'text/html', body: pages[path]! }),
    );
    tab.on('pageerror', (error) => expect.fail(String(error)));
    await tab.goto(url + path);
    await tab.evaluate(`globalThis.$ = (selector) => document.querySelector(selector)`);
    return tab;
  }

  const size = (tab: Page, selector: string) =>
    tab.evaluate(`(() => {
      const { width, height } = $('${selector}').getBoundingClientRect();
      return [width, height];
    })()`);

  it('shows the pixels that decode gives, and fires load', async () => {
    const tab = await open('<shv-image alt="Two parrots"></shv-image>');
    const result = await tab.evaluate(`(async () => {
      await customElements.whenDefined('shv-image');
      const { sha256 } = await import('/test/engines/exercise.js');
      const image = $('shv-image');
      const before = [image.complete, image.naturalWidth];
      const events = [];
      for (const type of ['load', 'error', 'progress']) {
        image.addEventListener(type, ({ loaded, total }) => events.push(type === 'progress' ? [loaded, total] : type));
      }
      image.src = '/photo.shv';
      const during = image.complete;
      await image.decode();
      await new Promise((done) => setTimeout(done));
      const { width, height } = image.canvas;
      const { data } = image.canvas.getContext('2d').getImageData(0, 0, width, height);
      return {
        before, during, events, pixels: await sha256(new Uint8Array(data.buffer)),
        after: [image.complete, image.naturalWidth, image.naturalHeight, image.width, image.height],
        src: [image.src, image.currentSrc, image.getAttribute('src')],
      };
    })()`);
    const { events, ...rest } = result as { events: unknown[] };
    expect(rest).toEqual({
      before: [true, 0],
      during: false,
      pixels: await sha256(new Uint8Array(pixels.buffer)),
      after: [true, WIDTH, HEIGHT, WIDTH, HEIGHT],
      src: [`${url}/photo.shv`, `${url}/photo.shv`, '/photo.shv'],
    });
    expect(events.at(-1)).toBe('load');
    expect(events.at(-2)).toEqual([WIDTH * HEIGHT, WIDTH * HEIGHT]);
    // Two bands of rows at least, then the whole.
    expect(events.length).toBeGreaterThanOrEqual(3);
    expect(events).not.toContain('error');
    await tab.context().close();
  });

  it('paints rows before the file has arrived, decodes in a worker, and lets go of an old src', async () => {
    const tab = await open('<shv-image src="/half.shv" alt=""></shv-image>');
    await tab.waitForFunction(`$('shv-image').naturalWidth > 0`);
    await tab.waitForFunction(
      `$('shv-image').canvas.getContext('2d').getImageData(0, 0, 1, 1).data[3] === 255`,
    );
    expect(await tab.evaluate(`$('shv-image').complete`)).toBe(false);
    expect(tab.workers().map((worker) => worker.url())).toEqual([`${url}/dist/worker-thread.js`]);
    const result = await tab.evaluate(`(async () => {
      const image = $('shv-image');
      const old = image.decode().catch((error) => error.code);
      image.src = '/photo.shv';
      await image.decode();
      return [await old, image.complete];
    })()`);
    expect(result).toEqual(['ABORTED', true]);
    await tab.context().close();
  });

  it('fires error with the reason, and shows what stands for the picture', async () => {
    const tab = await open('<shv-image alt="Two parrots"></shv-image>');
    const result = await tab.evaluate(`(async () => {
      await customElements.whenDefined('shv-image');
      const image = $('shv-image');
      const seen = [];
      for (const src of ['/broken.shv', '/nowhere.shv', '/photo.png', '/wide.shv', 'http://[']) {
        const event = new Promise((done) => image.addEventListener('error', done, { once: true }));
        image.src = src;
        const { error, message } = await event;
        const rejected = await image.decode().catch((reason) => reason === error);
        seen.push([error.name, error.code, rejected, message.length > 10, image.complete]);
      }
      return seen;
    })()`);
    expect(result).toEqual([
      ['ShvqError', 'CORRUPT', true, true, true],
      ['ShvqError', 'LOAD_FAILED', true, true, true],
      ['ShvqError', 'BAD_MAGIC', true, true, true],
      // No browser's canvas is that wide.
      ['ShvqError', 'ENVIRONMENT', true, true, true],
      ['ShvqError', 'BAD_INPUT', true, true, true],
    ]);
    expect(await tab.evaluate(`document.body.innerText`)).toBe('');
    expect(((await size(tab, 'shv-image')) as number[])[0]).toBeGreaterThan(50);
    await tab.context().close();
  });

  it('moves nothing when the picture comes', async () => {
    const head = `<style>${BEFORE_DEFINITION} .fluid { width: 60%; height: auto }</style><script>
      globalThis.shifts = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value }) => value)))
        .observe({ type: 'layout-shift', buffered: true });
    </script>`;
    const tab = await open(
      `<shv-image src="/photo.shv" alt="" width="200" height="150"></shv-image><p>Below</p>
       <shv-image class="fluid" src="/photo.shv" alt="" width="320" height="240"></shv-image><p>Below</p>
       <div style="width: 300px"><shv-image style="width: 100%" src="/photo.shv" alt="" width="320" height="240"></shv-image></div>`,
      { head },
    );
    await tab.evaluate(
      `Promise.all([...document.querySelectorAll('shv-image')].map((i) => i.decode()))`,
    );
    await tab.waitForTimeout(300);
    expect(await tab.evaluate(`shifts`)).toEqual([]);
    expect(await size(tab, 'shv-image')).toEqual([200, 150]);
    expect(await size(tab, '.fluid')).toEqual([456, 342]);
    // What measures nothing would find nothing: without sizes the page does move.
    await tab.evaluate(`(async () => {
      const image = document.createElement('shv-image');
      document.body.prepend(image);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      image.src = '/photo.shv';
      await image.decode();
    })()`);
    await tab.waitForFunction(`shifts.length > 0`);
    await tab.context().close();
  });

  it('is laid out as an image is', async () => {
    const styles = [
      '',
      'width: 100%',
      'width: 100%; height: auto',
      'height: 100px',
      'max-width: 100%; height: auto',
      'display: block; margin: auto',
      'width: 120px; height: 90px; object-fit: cover',
      'padding: 10px; border: 5px solid',
      'position: absolute; inset: 0; width: 100%; height: 100%',
    ];
    const attributes = ['', 'width="200" height="100"', 'width="200"', 'height="80"'];
    const boxes = ['width: 250px', 'display: flex; width: 400px; height: 300px'];
    const cases = boxes.flatMap((box) =>
      attributes.flatMap((given) => styles.map((style) => ({ box, given, style }))),
    );
    const tab = await open('<main></main>');
    const result = await tab.evaluate(`(async () => {
      const measure = ({ box, given, style }, tag, src) => {
        $('main').innerHTML = '<div style="position: relative; ' + box + '"><' + tag + ' src="' + src + '" ' + given + ' style="' + style + '"></' + tag + '></div>';
        const element = $(tag);
        return element.decode().then(() => {
          const [a, b] = [element, element.parentElement].map((e) => e.getBoundingClientRect());
          return [a.x - b.x, a.y - b.y, a.width, a.height].map((v) => Math.round(v));
        });
      };
      const results = [];
      for (const one of ${JSON.stringify(cases)}) {
        const [image, picture] = [await measure(one, 'img', '/photo.png'), await measure(one, 'shv-image', '/photo.shv')];
        results.push({ ...one, image, picture });
      }
      return results;
    })()`);
    for (const { image, picture, ...one } of result as { image: unknown; picture: unknown }[]) {
      expect({ ...one, box: picture }).toEqual({ ...one, box: image });
    }
    await tab.context().close();
  }, 120_000);

  it('has the role and name of an image', async () => {
    const tab = await open(`
      <shv-image src="/photo.shv" alt="Two parrots"></shv-image>
      <shv-image src="/photo.shv" alt="" id="decoration"></shv-image>`);
    await tab.evaluate(`$('shv-image').alt = 'Macaws'`);
    const session = await tab.context().newCDPSession(tab);
    const { nodes } = (await session.send('Accessibility.getFullAXTree')) as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    const images = nodes.filter(({ ignored, role }) => !ignored && role?.value === 'image');
    expect(images.map(({ name }) => name?.value)).toEqual(['Macaws']);
    expect(
      nodes.filter(({ ignored, role }) => !ignored && /canvas/i.test(role?.value ?? '')),
    ).toEqual([]);
    await tab.context().close();
  });

  it('says that it is busy as long as it loads', async () => {
    const tab = await open('<shv-image src="/half.shv" alt="Two parrots"></shv-image>');
    await tab.waitForFunction(`$('shv-image').naturalWidth > 0`);
    const session = await tab.context().newCDPSession(tab);
    const busy = async () => {
      const { nodes } = (await session.send('Accessibility.getFullAXTree')) as {
        nodes: { role?: { value: string }; properties?: { name: string }[] }[];
      };
      const [image] = nodes.filter(({ role }) => role?.value === 'image');
      return image!.properties!.some(({ name }) => name === 'busy');
    };
    expect(await busy()).toBe(true);
    await tab.evaluate(`$('shv-image').removeAttribute('src')`);
    expect(await busy()).toBe(false);
    await tab.context().close();
  });

  it('loads lazily', async () => {
    const tab = await open(
      '<div style="height: 5000px"></div><shv-image src="/photo.shv" alt="" loading="lazy" width="320" height="240"></shv-image>',
    );
    await tab.waitForTimeout(500);
    expect(await tab.evaluate(`[$('shv-image').complete, $('shv-image').currentSrc]`)).toEqual([
      false,
      '',
    ]);
    await tab.evaluate(`scrollTo(0, 5000)`);
    await tab.waitForFunction(
      `$('shv-image').complete && $('shv-image').naturalWidth === ${WIDTH}`,
    );
    await tab.context().close();
  });

  it('survives being moved, and stops when it is taken away', async () => {
    const tab = await open('<shv-image src="/half.shv" alt=""></shv-image><main></main>');
    await tab.waitForFunction(`$('shv-image').naturalWidth > 0`);
    const result = await tab.evaluate(`(async () => {
      const image = $('shv-image');
      const loading = image.decode().catch((error) => error.code);
      $('main').append(image);
      await null;
      const moved = image.currentSrc;
      image.remove();
      return [moved, await loading, image.currentSrc];
    })()`);
    expect(result).toEqual([`${url}/half.shv`, 'ABORTED', '']);
    await tab.context().close();
  });

  it('is laid out alike in another document', async () => {
    const tab = await open('<shv-image src="/photo.shv" alt=""></shv-image><main></main>');
    const result = await tab.evaluate(`(async () => {
      await customElements.whenDefined('shv-image');
      const image = $('shv-image');
      await image.decode();
      const size = () => {
        const { width, height } = image.getBoundingClientRect();
        return [width, height];
      };
      const sizes = [size()];
      const frame = document.createElement('iframe');
      frame.srcdoc = '<!doctype html><title>shvq</title>';
      const loaded = new Promise((done) => frame.addEventListener('load', done));
      $('main').append(frame);
      await loaded;
      frame.contentDocument.body.append(image);
      sizes.push(size());
      image.width = 160;
      sizes.push(size());
      const inert = document.createElement('template').content;
      inert.append(image);
      document.body.append(image);
      sizes.push(size());
      return sizes;
    })()`);
    const half = [WIDTH / 2, HEIGHT / 2];
    expect(result).toEqual([[WIDTH, HEIGHT], [WIDTH, HEIGHT], half, half]);
    await tab.context().close();
  });

  it('keeps wide colours, and can be saved', async () => {
    const tab = await open('<shv-image src="/p3.shv" alt=""></shv-image>');
    const result = await tab.evaluate(`(async () => {
      await customElements.whenDefined('shv-image');
      const image = $('shv-image');
      await image.decode();
      const blob = await new Promise((done) => image.canvas.toBlob(done));
      const { width, height } = await createImageBitmap(blob);
      const space = image.canvas.getContext('2d').getContextAttributes().colorSpace;
      return [space, blob.type, width, height];
    })()`);
    expect(result).toEqual(['display-p3', 'image/png', WIDTH, HEIGHT]);
    await tab.context().close();
  });

  it('works without workers, in the page’s own thread', async () => {
    const tab = await open('<shv-image src="/photo.shv" alt=""></shv-image>', {
      head: `<meta http-equiv="content-security-policy" content="worker-src 'none'">`,
    });
    await tab.waitForFunction(`$('shv-image').complete`);
    expect(await tab.evaluate(`$('shv-image').naturalWidth`)).toBe(WIDTH);
    expect(tab.workers()).toEqual([]);
    await tab.context().close();
  });

  it.each([1, 2])('is sharp at %i device pixels a CSS pixel', async (scale) => {
    const style = `width: ${WIDTH / scale}px; display: block`;
    const tab = await open(
      `<img src="/photo.png" style="${style}"><shv-image src="/photo.shv" alt="" style="${style}"></shv-image>`,
      { scale },
    );
    await tab.evaluate(`Promise.all([$('img').decode(), $('shv-image').decode()])`);
    const raw = async (selector: string) =>
      sharp(await tab.locator(selector).screenshot())
        .removeAlpha()
        .raw()
        .toBuffer();
    const [expected, shown] = [await raw('img'), await raw('shv-image')];
    expect(shown.length).toBe(WIDTH * HEIGHT * 3);
    expect(shown.equals(expected)).toBe(true);
    if (process.env.SCREENSHOTS) {
      await mkdir(process.env.SCREENSHOTS, { recursive: true });
      await writeFile(`${process.env.SCREENSHOTS}/element-${scale}x.png`, await tab.screenshot());
    }
    await tab.context().close();
  });
});
