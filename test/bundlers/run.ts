/**
 * Builds every fixture with its bundler on the packed package, runs it in Chromium, and compares the
 * SHA-256 of the pixels decoded there with Node's.
 *
 *   npm run test:bundlers [-- NAME...]      names or beginnings of them: `vite`, `next files`
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import type * as Shvq from 'shvq';
import { launchChromium } from '../support/browser.js';
import { CASES, type Case } from './cases.js';
import { runEdge } from './edge.js';
import {
  copyFixture,
  ENVIRONMENT,
  installed,
  installPackage,
  installTools,
  shell,
} from './prepare.js';
import { type Served, serveCommand, serveFolder } from './serve.js';

interface Photo {
  readonly file: Uint8Array;
  /** Of its decoded pixels. */
  readonly sha256: string;
}

/** A part of the example photo, small enough for the reference decoder in a page. */
async function makePhoto(): Promise<Photo> {
  const { decode, encode } = await installed<typeof Shvq>('shvq');
  const { data, info } = await sharp('examples/photo/kodim23.png')
    .extract({ left: 180, top: 60, width: 203, height: 149 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const file = await encode({ width: info.width, height: info.height, data }, { quality: 60 });
  const image = await decode(file);
  return { file, sha256: createHash('sha256').update(image.data).digest('hex') };
}

/** What a page asked for: paths of kernels and models that were fetched as files. */
function watchFiles(page: Page): string[] {
  const files: string[] = [];
  page.context().on('response', (response) => {
    const name = new URL(response.url()).pathname;
    if (/\.(wasm|bin)$/.test(name)) files.push(`${name} ${response.status()}`);
  });
  return files;
}

/** The model and kernels, of which a bundler may put small ones into its code. */
function checkFiles({ delivery }: Case, files: string[]): void {
  const wanted = delivery === 'inline' ? [] : [/\.bin 200$/, /\.wasm 200$/];
  const isComplete = wanted.every((form) => files.some((file) => form.test(file)));
  if (isComplete && files.every((file) => wanted.some((form) => form.test(file)))) return;
  throw new Error(`The page fetched ${files.join(', ') || 'no files'} (${delivery})`);
}

/** What report.js left; undefined after a minute. Playwright's own waiting needs eval in the page. */
async function resultOf(page: Page): Promise<unknown> {
  for (let i = 0; i < 300; i++) {
    const result = await page.evaluate('globalThis.result');
    if (result) return result;
    await sleep(200);
  }
  return undefined;
}

async function runPage(browser: Browser, one: Case, served: Served, photo: Photo): Promise<void> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    const files = watchFiles(page);
    // The dev servers know nothing of the photo.
    await page.route('**/photo.shv', (route) => route.fulfill({ body: Buffer.from(photo.file) }));
    await page.goto(served.url + (one.page ?? ''));
    const result = await resultOf(page);
    const wanted = { ...(one.engine && { build: one.engine }), sha256: photo.sha256 };
    if (JSON.stringify(result) !== JSON.stringify(wanted)) {
      throw new Error(`The page gave ${JSON.stringify(result)}; ${complaints.join('; ')}`);
    }
    if (one.engine !== undefined) checkFiles(one, files);
    const onServer = page.locator('#on-server');
    if ((await onServer.count()) > 0 && (await onServer.textContent()) !== photo.sha256) {
      throw new Error(`The server decoded ${await onServer.textContent()}`);
    }
  } finally {
    await context.close();
  }
}

/** What users have to configure stands in the README, word for word. */
function checkReadme(folder: string, { documented }: Case): void {
  if (documented === undefined) return;
  const text = documented.endsWith('.js')
    ? readFileSync(join(folder, documented), 'utf8')
    : documented;
  const readme = readFileSync('README.md', 'utf8');
  if (!readme.includes(text)) throw new Error(`The README does not show this:\n${text}`);
}

const builds = new Map<string, Promise<string>>();

/** The folder that a case is built in. Cases of one folder and the same commands share it. */
function built({ build, folder }: Case, photo: Photo): Promise<string> {
  const name = `${folder.replace('/', '-')}-${builds.size}`;
  const key = JSON.stringify([folder, build]);
  const run = async () => {
    const target = copyFixture(`fixtures/${folder}`, name, { 'photo.shv': photo.file });
    for (const line of build) await shell(line, target);
    return target;
  };
  if (!builds.has(key)) builds.set(key, run());
  return builds.get(key)!;
}

/** @returns Nothing to tell. @throws Error */
async function runCase(browser: Browser, one: Case, photo: Photo): Promise<string> {
  const folder = await built(one, photo);
  checkReadme(folder, one);
  const served =
    'command' in one.serve
      ? await serveCommand(one.serve.command, { cwd: folder, env: ENVIRONMENT })
      : await serveFolder(join(folder, one.serve.folder), one.serve.policy);
  try {
    await runPage(browser, one, served, photo);
    return '';
  } finally {
    await served.close();
  }
}

const wanted = process.argv.slice(2);
const isWanted = (name: string) =>
  wanted.length === 0 || wanted.some((start) => name.startsWith(start));
const runs: { name: string; run: (browser: Browser, photo: Photo) => Promise<string> }[] = [
  ...CASES.map((one) => ({
    name: one.name,
    run: (browser: Browser, photo: Photo) => runCase(browser, one, photo),
  })),
  { name: 'edge', run: runEdge },
];
const cases = runs.filter(({ name }) => isWanted(name));
if (cases.length === 0) {
  console.error(`No such fixture. There are: ${runs.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
/** Nothing is tried without the browser, so that a missing one is not taken for success. */
const browser = await launchChromium();
if (browser) {
  installTools();
  installPackage();
  const photo = await makePhoto();
  let failures = 0;
  for (const { name, run } of cases) {
    const start = performance.now();
    const report = (outcome: string, text: string) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`${outcome} ${name.padEnd(24)} ${seconds.padStart(6)} s  ${text}`);
    };
    try {
      report('ok  ', await run(browser, photo));
    } catch (error) {
      failures++;
      report('FAIL', error instanceof Error ? error.message : String(error));
    }
  }
  await browser.close();
  console.log(`${cases.length - failures} of ${cases.length} fixtures decode the same pixels`);
  process.exitCode = failures === 0 ? 0 : 1;
}
