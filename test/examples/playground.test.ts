import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { decode } from 'shvq/decode';
import { decodeWeights } from 'shvq/weights/decode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../engines/exercise.js';
import { serve } from '../engines/server.js';
import { launchChromium } from '../support/browser.js';

const run = promisify(execFile);
const FOLDER = 'examples/playground';

const installed = existsSync(`${FOLDER}/node_modules`);
if (!installed) {
  const advice = `npm --prefix ${FOLDER} ci`;
  if (process.env.CI_BROWSER === 'required') throw new Error(`Not installed: ${advice}`);
  console.warn(`\n*** SKIPPED: the playground's packages are not installed. ${advice} ***\n`);
}
const browser = installed ? await launchChromium() : undefined;

describe.skipIf(!browser)('the playground', () => {
  let server: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    await run('npm', ['--prefix', FOLDER, 'run', 'build']);
    server = await serve({});
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function open(options: object): Promise<{ page: Page; failures: string[] }> {
    const context = await browser!.newContext(options);
    const page = await context.newPage();
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(String(error)));
    await page.goto(`${server.url}/${FOLDER}/dist/index.html`);
    return { page, failures };
  }

  async function violations(page: Page): Promise<string[]> {
    const axe = createRequire(import.meta.url).resolve(`../../${FOLDER}/node_modules/axe-core`);
    await page.addScriptTag({ path: axe });
    return page.evaluate(async () => {
      const { violations: found } = await (
        globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        }
      ).axe.run();
      return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
  }

  const row = (page: Page, codec: string) => page.locator(`tr[data-codec="${codec}"]`);

  it('encodes a photo to the pixels that Node decodes, beside the other codecs', async () => {
    const { page, failures } = await open({ viewport: { width: 1280, height: 900 } });
    expect(await violations(page)).toEqual([]);

    await page.setInputFiles('input[type=file]', 'examples/photo/kodim23.png');
    for (const codec of ['shvq', 'jpeg', 'webp', 'avif']) {
      await row(page, codec).locator('td').nth(5).waitFor({ timeout: 110_000 });
    }
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Save \.shv/ }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe('kodim23.shv');
    const file = await readFile(await download.path());
    const pixels = (await decode(file)).data;
    const hash = await sha256(new Uint8Array(pixels.buffer));
    expect(await page.locator('.hash').textContent()).toBe(hash);

    // The peers come within a tenth of the size.
    const sizes = await page.locator('tbody td:nth-of-type(2)').allTextContents();
    for (const bpp of sizes) {
      expect(Math.abs(Math.log(Number(bpp) / Number(sizes[0])))).toBeLessThan(0.1);
    }
    expect(await violations(page)).toEqual([]);
    expect(failures).toEqual([]);
    await page.context().close();
  });

  it('moves the line by keyboard', async () => {
    const { page } = await open({ viewport: { width: 1280, height: 900 } });
    await page.getByRole('button', { name: 'Use the parrots' }).click();
    const line = page.getByRole('slider', { name: 'Line between' });
    await line.waitFor({ timeout: 60_000 });
    await line.focus();
    for (const key of ['ArrowLeft', 'ArrowLeft', 'PageUp']) await page.keyboard.press(key);
    expect(await line.getAttribute('aria-valuenow')).toBe('56');
    await page.context().close();
  });

  it('gives up when told, and says what is wrong with a file', async () => {
    const { page } = await open({ viewport: { width: 1280, height: 900 } });
    await page.getByRole('button', { name: 'Use the parrots' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
    await page.setInputFiles('input[type=file]', 'package.json');
    expect(await page.getByRole('alert').textContent()).toMatch(/package\.json is not a picture/);
    await page.context().close();
  });

  it('compresses a network to the ratio asked for', async () => {
    const { page, failures } = await open({ viewport: { width: 1280, height: 900 } });
    await page.getByRole('tab', { name: 'Network weights' }).click();
    await page.getByRole('button', { name: 'shvq’s own' }).click();
    await page.locator('.headline').waitFor({ timeout: 110_000 });
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save .shvw' }).click();
    const file = await readFile(await (await saving).path());
    const { tensors } = await decodeWeights(file);
    const before = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(before / file.length).toBeGreaterThan(8);
    expect(before / file.length).toBeLessThan(9);
    expect(await violations(page)).toEqual([]);
    expect(failures).toEqual([]);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('fits a phone in %s', async (colorScheme) => {
    const { page } = await open({ viewport: { width: 360, height: 740 }, colorScheme });
    await page.getByRole('button', { name: 'Use the parrots' }).click();
    await row(page, 'shvq').locator('td').nth(5).waitFor({ timeout: 60_000 });
    const [inner, scroll] = (await page.evaluate(
      '[document.documentElement.clientWidth, document.documentElement.scrollWidth]',
    )) as [number, number];
    expect(scroll).toBe(inner);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
