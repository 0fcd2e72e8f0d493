import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { launchChromium } from '../support/browser.js';
import { readCases } from './cases.js';
import { serve } from './server.js';

const browser = await launchChromium();
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const [photo] = readCases().filter(({ name }) => /^default-.*-q50$/.test(name));
const SCRIPT = `
  import { decode } from '/dist/decode.js';
  import { sha256 } from '/test/engines/exercise.js';
  const { data } = await decode(await fetch('/made/photo.shv'));
  console.log(await sha256(data));`;

it.skipIf(!browser)(
  'decodes from a fetch under a content security policy that forbids eval',
  async () => {
    const server = await serve({
      '/made/page.js': SCRIPT,
      '/made/photo.shv': readFileSync(`conformance/${photo!.name}/input.shv`),
    });
    try {
      const page = await browser!.newPage();
      await page.route('**/strict.html', (route) =>
        route.fulfill({
          contentType: 'text/html',
          headers: { 'content-security-policy': POLICY },
          body: '<!doctype html><script type="module" src="/made/page.js"></script>',
        }),
      );
      const message = page.waitForEvent('console');
      await page.goto(`${server.url}/strict.html`);
      expect((await message).text()).toBe(photo!.digests!.pixels);
    } finally {
      await browser!.close();
      server.close();
    }
  },
);
