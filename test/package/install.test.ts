import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** Six lines as a user would write them, with the model that the package ships. */
const PROGRAM = `
import { createHash } from 'node:crypto';
import { decode, encode, readHeader, ShvqError } from 'shvq';
const [width, height] = [70, 50];
const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
  i % 4 === 3 ? 255 : ((i >> 2) % width) * 3 + (i % 4) * 20);
const file = await encode({ width, height, data }, { quality: 60 });
const image = await decode(file);
const hash = createHash('sha256').update(image.data).digest('hex');
const error = await decode(file.subarray(0, 20)).catch((error) => error);
console.log(JSON.stringify({
  header: readHeader(file).width,
  size: [image.width, image.height, image.data.length],
  bytes: file.length,
  difference: data.reduce((sum, value, i) => sum + Math.abs(value - image.data[i]), 0) / data.length,
  error: error instanceof ShvqError && error.code,
  hash,
}));
`;

/** The halves alone, on the reference, which must give the same picture. */
const HALVES = `
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createDecoder } from 'shvq/decode';
import * as encoding from 'shvq/encode';
import { encode } from 'shvq/encode';
const [width, height] = [70, 50];
const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
  i % 4 === 3 ? 255 : ((i >> 2) % width) * 3 + (i % 4) * 20);
const file = await encode({ width, height, data }, { quality: 60 });
const path = new URL(import.meta.resolve('shvq/simd.wasm'));
const hashes = [];
for (const wasm of ['reference', await WebAssembly.compile(await readFile(path))]) {
  const { data } = await createDecoder({ wasm }).decode(file);
  hashes.push(createHash('sha256').update(data).digest('hex'));
}
console.log(JSON.stringify({ hashes, decode: 'decode' in encoding }));
`;

/** Compiled with no types but those of ECMAScript, declarations of the package included. */
const TYPED = `
import { createDecoder, type DecodedImage, encode, readHeader, ShvqError } from 'shvq';
import { decode } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
const image: DecodedImage = await decode(new Uint8Array(4), { limits: { maxPixels: 100 } });
const file: Uint8Array = await encode(image, { quality: 3 });
const width: number = readHeader(file).width;
await createDecoder({ wasm: 'plain' }).decodeInto(file, new Uint8Array(width));
await createEncoder({ profile: 'default' }).encode(image).catch((error: unknown) => {
  if (error instanceof ShvqError && error.code === 'LIMIT') throw error;
});
// @ts-expect-error qualities are numbers
await encode(image, { quality: 'best' });
`;

interface Packed {
  filename: string;
  unpackedSize: number;
  files: { path: string }[];
}

let folder: string;
let packed: Packed;

async function node(name: string, program: string): Promise<string> {
  writeFileSync(join(folder, name), program);
  return (await run(process.execPath, [name], { cwd: folder })).stdout;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shvq-install-'));
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  [packed] = JSON.parse((await run('npm', pack)).stdout);
  mkdirSync(join(folder, 'npm-cache'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  // An empty cache and no network: the package has no dependency to fetch.
  const cache = ['--offline', '--cache', join(folder, 'npm-cache')];
  const quiet = ['--no-audit', '--no-fund'];
  await run('npm', ['install', ...cache, ...quiet, join(folder, packed.filename)], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what users need and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    for (const path of [
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'models/LICENSE',
      'docs/format.md',
    ]) {
      expect(paths).toContain(path);
    }
    for (const path of paths) {
      expect(path).toMatch(
        /^((decode|edge|element|encode|files|service-worker|weights|worker)(\/\w+)?\/package\.json|dist\/[\w.-]+\.(js|d\.ts|wasm|bin)|models\/[\w.-]+\.md|models\/LICENSE|docs\/(weights-)?format\.md|LICENSE|README\.md|CHANGELOG\.md|package\.json)$/,
      );
      expect(path).not.toMatch(/^(models|dist)\/test/);
    }
  });

  it('has every entry point for resolvers that read no exports, too', () => {
    const read = (path: string) =>
      JSON.parse(readFileSync(join(folder, 'node_modules/shvq', path, 'package.json'), 'utf8'));
    const targets = Object.entries<{ default: string; types: string }>(read('.').exports);
    const subpaths = targets.filter(([, { types }]) => types !== undefined);
    expect(subpaths.length).toBeGreaterThan(4);
    for (const [subpath, target] of subpaths) {
      const { main, types } = read(subpath);
      expect(resolve(folder, subpath, main)).toBe(resolve(folder, target.default));
      expect(resolve(folder, subpath, types)).toBe(resolve(folder, target.types));
    }
  });

  it('installs alone, and encodes and decodes in plain Node', async () => {
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => name[0] !== '.')).toEqual([
      'shvq',
    ]);
    const result = JSON.parse(await node('program.js', PROGRAM));
    expect(result).toMatchObject({ header: 70, size: [70, 50, 14000], error: 'TRUNCATED' });
    expect(result.bytes).toBeLessThan(3000);
    expect(result.difference).toBeLessThan(20);
    const halves = JSON.parse(await node('halves.js', HALVES));
    expect(halves).toEqual({ hashes: [result.hash, result.hash], decode: false });
  });

  it('has types that need neither DOM nor Node', async () => {
    writeFileSync(join(folder, 'use.ts'), TYPED);
    const compilerOptions = {
      noEmit: true,
      strict: true,
      target: 'es2022',
      lib: ['es2022'],
      module: 'nodenext',
      types: [],
    };
    const project = JSON.stringify({ compilerOptions, files: ['use.ts'] });
    writeFileSync(join(folder, 'tsconfig.json'), project);
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error);
    expect(stdout).toBe('');
  });

  it('runs its command without sharp, and says what sharp is for', async () => {
    const bin = join(folder, 'node_modules/.bin/shvq');
    expect((await run(bin, ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const photo = resolve('examples/photo/kodim23.png');
    const failure = await run(bin, ['encode', photo, 'x.shv'], { cwd: folder }).catch((e) => e);
    expect(failure.code).toBe(1);
    expect(failure.stderr).toMatch(/npm install sharp/);
  });
});
