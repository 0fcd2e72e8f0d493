import { createDecoder } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../engines/exercise.js';
import { serve } from '../engines/server.js';
import { launchChromium } from '../support/browser.js';
import { modelFiles } from '../support/model-files.js';
import { scene } from '../support/pictures.js';

const browser = await launchChromium();
afterAll(() => browser?.close());

describe.skipIf(!browser)('a pool in Chromium', () => {
  it('gives the same bits as Node, stops when told, and decodes a trickling stream', async () => {
    const model = modelFiles(1);
    const picture = scene(500, 300);
    const file = await createEncoder({ model }).encode(picture, { tileLog2: 6 });
    const { data } = await createDecoder({ model: model.decoder }).decode(file);
    const server = await serve({
      '/index.html': '<!doctype html><title>shvq</title><link rel="icon" href="data:,">',
      '/made/decoder.shvw': model.decoder,
      '/made/encoder.shvw': model.encoder,
      '/made/pixels': new Uint8Array(picture.data.buffer),
    });
    const page = await browser!.newPage();
    await page.goto(`${server.url}/index.html`);
    const result = await page.evaluate(`(async () => {
      const { sha256 } = await import('/test/engines/exercise.js');
      const { createPool } = await import('/dist/worker.js');
      const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
      const model = { decoder: await bytes('/made/decoder.shvw'), encoder: await bytes('/made/encoder.shvw') };
      const pixels = new Uint8ClampedArray((await bytes('/made/pixels')).buffer);
      const picture = { width: ${picture.width}, height: ${picture.height}, data: pixels };
      const pool = createPool({ size: 2, decoder: { model: model.decoder }, encoder: { model } });

      const progress = [];
      const file = await pool.encode(picture, { tileLog2: 6, onProgress: (part) => progress.push(part) });
      const images = await Promise.all([pool.decode(file), pool.decode(new Response(file)), pool.decode(new Blob([file]))]);

      const controller = new AbortController();
      const large = { width: 1500, height: 1500, data: new Uint8Array(1500 * 1500 * 3) };
      const stopped = pool.encode(large, { signal: controller.signal, onProgress: () => controller.abort() });
      const code = await stopped.catch((error) => error.code);

      let sent = 0;
      const trickle = new ReadableStream({
        async pull(control) {
          await new Promise((done) => setTimeout(done));
          if (sent >= file.length) return control.close();
          control.enqueue(file.slice(sent, sent + 100));
          sent += 100;
        },
      }, { highWaterMark: 0 });
      const rows = await pool.decodeRows(trickle);
      const whole = new Uint8Array(rows.width * rows.height * 4);
      let first;
      for await (const { data, width, y } of rows) {
        first ??= sent;
        whole.set(data, y * width * 4);
      }
      const cut = await pool.decode(file.subarray(0, file.length - 5)).catch(({ name, code, tile }) => ({ name, code, tile }));
      pool.dispose();
      return {
        file: await sha256(file),
        pixels: await Promise.all([...images.map(({ data }) => data), whole].map((d) => sha256(new Uint8Array(d.buffer)))),
        code, cut, early: first < file.length, last: progress.at(-1),
      };
    })()`);
    const hash = await sha256(new Uint8Array(data.buffer));
    expect(result).toEqual({
      file: await sha256(file),
      pixels: [hash, hash, hash, hash],
      code: 'ABORTED',
      cut: { name: 'ShvqError', code: 'TRUNCATED', tile: 39 },
      early: true,
      last: 1,
    });
    await page.close();
    server.close();
  });
});
