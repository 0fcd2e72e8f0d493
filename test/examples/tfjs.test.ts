import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../engines/server.js';
import { launchChromium } from '../support/browser.js';
import { haveNetworks, loadTf, smallModel } from '../support/networks.js';

const FOLDER = '/examples/tfjs';

let folder: string;
let browser: Browser | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shvq-tfjs-'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(haveNetworks())('the page that loads a compressed network', () => {
  it('predicts as the network did', async () => {
    if (!browser) return;
    const tf = await loadTf();
    const { model, json, shard } = await smallModel(tf);
    mkdirSync(join(folder, 'model'));
    writeFileSync(join(folder, 'model/model.json'), JSON.stringify(json));
    writeFileSync(join(folder, 'model/shard.bin'), shard);
    const files = [join(folder, 'model/model.json'), join(folder, 'model.shvw')];
    execFileSync(process.execPath, ['dist/cli.js', 'weights', 'compress', ...files, '--lossless']);
    const server = await serve({
      [`${FOLDER}/model.shvw`]: readFileSync(join(folder, 'model.shvw')),
      [`${FOLDER}/node_modules/@tensorflow/tfjs/dist/tf.min.js`]: readFileSync(
        resolve('test/weights/networks/node_modules/@tensorflow/tfjs/dist/tf.min.js'),
      ),
    });
    try {
      const page = await browser.newPage();
      // As if the package were installed beside the page.
      await page.route(`**${FOLDER}/node_modules/shvq/**`, async (route) => {
        const url = route.request().url().replace(`${FOLDER}/node_modules/shvq`, '');
        await route.fulfill({ response: await route.fetch({ url }) });
      });
      await page.goto(`${server.url}${FOLDER}/index.html`);
      await page.waitForFunction("!document.querySelector('#status').textContent.endsWith('…')");
      expect(await page.textContent('#status')).toMatch(/^\d+ weights/);
      const shown = JSON.parse((await page.textContent('#result'))!) as number[];
      const input = tf.tensor(new Array(8 * 8 * 3).fill(0), [1, 8, 8, 3]);
      const expected = model.predict(input).dataSync();
      expect(shown).toHaveLength(expected.length);
      // The page computes in WebGL or on the CPU, tfjs here on the CPU.
      for (const [i, p] of expected.entries()) expect(Math.abs(shown[i]! - p)).toBeLessThan(1e-3);
    } finally {
      server.close();
    }
  });
});
