import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../engines/server.js';
import { launchChromium } from '../support/browser.js';
import { NODE_PRELUDE, readersFolder } from '../support/readers-folder.js';
import { type Block, fencedBlocks } from './blocks.js';

const run = promisify(execFile);

/** Every Markdown file that speaks to users. */
const FILES = [
  'README.md',
  'CONTRIBUTING.md',
  'training/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const browser = await launchChromium();
let folder: string;
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = await readersFolder();
  const photo = readFileSync(join(folder, 'photo.shv'));
  server = await serve({ '/page/photo.shv': photo });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** By language, and for JavaScript by its second word; a block without a language is no code. */
const RUNNERS: Record<string, ((block: Block) => Promise<void>) | undefined> = {
  js: runInNode,
  'js browser': runInBrowser,
  'js config': isOfFixture,
  html: runInBrowser,
  sh: runInShell,
  json: async ({ code }) => void JSON.parse(code),
};

for (const file of FILES) {
  const blocks = fencedBlocks(readFileSync(file, 'utf8')).filter(({ language }) => language !== '');
  if (blocks.length === 0) continue;
  describe(file, () => {
    for (const block of blocks) {
      const kind = [block.language, ...block.words].join(' ');
      const inPage = kind === 'html' || kind === 'js browser';
      it.skipIf(inPage && !browser)(`line ${block.line}, ${kind}`, async () => {
        const runner = RUNNERS[kind];
        if (!runner) throw new Error(`No way to run a block marked "${kind}"`);
        await runner(block);
      });
    }
  });
}

/** Configuration of a bundler is that of a fixture or an example, which other tests build. */
async function isOfFixture({ code }: Block): Promise<void> {
  const configs = ['test/bundlers/fixtures', 'examples/vite'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.config.js'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  );
  expect(configs).toContain(code);
}

async function runInNode({ code, line }: Block): Promise<void> {
  const path = join(folder, `line-${line}.js`);
  writeFileSync(path, NODE_PRELUDE + code);
  await run(process.execPath, [path], { cwd: folder });
}

/** The repository's own commands are checked to exist; running them is what CI does. */
async function runInShell({ code }: Block): Promise<void> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const own = [...code.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name]) => name!);
  const known = new Set(['ci', 'install', ...Object.keys(scripts)]);
  const training = JSON.parse(readFileSync('training/package.json', 'utf8')).scripts;
  for (const name of own) expect([...known, ...Object.keys(training)]).toContain(name);
  for (const [, profile] of code.matchAll(/--profile ([\w-]+)/g)) {
    expect(readdirSync('training/configs')).toContain(`${profile}.json`);
  }
  if (own.length > 0) return;
  const bin = `${join(folder, 'node_modules/.bin')}:${process.env.PATH}`;
  await run('bash', ['-euo', 'pipefail', '-c', code], {
    cwd: folder,
    env: { ...process.env, PATH: bin },
  });
}

async function runInBrowser({ code, language }: Block): Promise<void> {
  const page = await browser!.newPage();
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(String(error)));
  const imports = Object.fromEntries(
    Object.entries<{ default: string } | string>(
      JSON.parse(readFileSync(resolve('package.json'), 'utf8')).exports,
    ).flatMap(([name, to]) =>
      typeof to === 'string' || name.includes('*')
        ? []
        : [[`shvq${name.slice(1)}`, to.default.replace('./', '/')]],
    ),
  );
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  const end = '<script type="module">globalThis.reachedTheEnd = true;</script>';
  const body =
    language === 'html' ? code : `<script type="module">${code}\nglobalThis.ran = true;</script>`;
  await page.route('**/page/index.html', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Docs</title>${map}<body>${body}${end}</body>`,
    }),
  );
  await page.goto(`${server.url}/page/index.html`);
  await page
    .waitForFunction((flag) => flag in globalThis, language === 'html' ? 'reachedTheEnd' : 'ran', {
      timeout: 30_000,
    })
    .catch((error) => failures.push(String(error)));
  expect(failures).toEqual([]);
  await page.close();
}
