import { execFile, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles } from '../support/model-files.js';

const SHVQ = resolve('dist/cli.js');
const PHOTO = resolve('examples/photo/kodim23.png');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shvq-cli-'));
  const { decoder, encoder } = modelFiles(1);
  writeFileSync(join(folder, 'd.shvw'), decoder);
  writeFileSync(join(folder, 'e.shvw'), encoder);
  mkdirSync(join(folder, 'in/deep'), { recursive: true });
  const crop = (left: number, width: number, height: number) =>
    sharp(PHOTO).extract({ left, top: 100, width, height });
  await crop(0, 97, 65).png().toFile(join(folder, 'in/a.png'));
  await crop(100, 64, 48).jpeg().toFile(join(folder, 'in/b.jpg'));
  await crop(200, 50, 70).webp().toFile(join(folder, 'in/deep/c.webp'));
  await crop(300, 200, 180).png().toFile(join(folder, 'big.png'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command in the test's folder. */
function shvq(...args: string[]): Promise<Run> {
  return new Promise((done) => {
    execFile(process.execPath, [SHVQ, ...args], { cwd: folder }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const DECODER = ['--decoder', 'd.shvw'];
const MODEL = [...DECODER, '--encoder', 'e.shvw'];

const files = (path: string): string[] =>
  readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();

describe('shvq', () => {
  it('encodes, decodes, verifies and compares one file', async () => {
    const encoded = await shvq('encode', 'in/a.png', 'a.shv', '-q', '60', ...MODEL);
    expect(encoded).toMatchObject({ code: 0, stderr: '' });
    expect(encoded.stdout).toMatch(/in\/a\.png -> a\.shv: \d+ bytes, [\d.]+ bpp, quality 60/);

    expect(await shvq('decode', 'a.shv', 'a.png', ...DECODER)).toMatchObject({ code: 0 });
    const metadata = await sharp(join(folder, 'a.png')).metadata();
    expect(metadata).toMatchObject({ width: 97, height: 65, channels: 3 });

    const small = ['a.shv', 'small.png', '--scale', '1/4'];
    expect(await shvq('decode', ...small, ...DECODER)).toMatchObject({ code: 0 });
    const smaller = await sharp(join(folder, 'small.png')).metadata();
    expect(smaller).toMatchObject({ width: 25, height: 17 });

    const verified = await shvq('verify', 'a.shv', ...DECODER);
    const [, sha] = /^([0-9a-f]{64}) {2}a\.shv\n$/.exec(verified.stdout)!;
    const rgba = await sharp(join(folder, 'a.png')).ensureAlpha().raw().toBuffer();
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', rgba)).toString('hex');
    expect(sha).toBe(digest);
    for (const build of ['simd', 'plain', 'reference']) {
      const run = await shvq('verify', 'a.shv', '--expect', sha!, '--build', build, ...DECODER);
      expect(run).toEqual({ code: 0, stdout: 'a.shv: OK\n', stderr: '' });
    }

    const info = JSON.parse((await shvq('info', '--json', 'a.shv')).stdout);
    expect(info).toMatchObject({ file: 'a.shv', width: 97, height: 65, quality: 60 });
    expect(info.bytes).toBe(readFileSync(join(folder, 'a.shv')).length);

    const same = JSON.parse((await shvq('compare', 'a.png', 'a.shv', '--json', ...DECODER)).stdout);
    expect(same).toMatchObject({ psnr: null, msssim: null, bytes: info.bytes });
    const other = await shvq('compare', 'big.png', 'a.shv', ...DECODER);
    expect(other).toMatchObject({ code: 1 });
    expect(other.stderr).toMatch(/differ in size: 200x180 and 97x65/);
  });

  it('measures MS-SSIM where the picture is large enough', async () => {
    await shvq('encode', 'big.png', 'big.shv', ...MODEL);
    const { stdout } = await shvq('compare', 'big.png', 'big.shv', '--json', ...DECODER);
    const report = JSON.parse(stdout);
    expect(report.msssim).toBeGreaterThan(0);
    expect(report.msssim).toBeLessThan(1);
    expect(report.psnr).toBeGreaterThan(0);
  });

  it('meets a number of bytes', async () => {
    // A model of random numbers: its files grow with the quality, but not those of a search.
    const quick = ['--effort', '1', ...MODEL];
    const encode = async (...options: string[]): Promise<number> => {
      const run = await shvq('encode', 'big.png', 'n.shv', '--json', ...options, ...quick);
      return JSON.parse(run.stdout).bytes;
    };
    const bytes = (await encode('-q', '50')) + 10;
    expect(await encode('--bytes', String(bytes))).toBeLessThanOrEqual(bytes);
    const run = await shvq('encode', 'big.png', 'none.shv', '--bytes', '1', ...quick);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(files('.')).not.toContain('none.shv');
  });

  it('works on folders with worker threads, in the order of the inputs', async () => {
    const encoded = await shvq('encode', 'in', 'out/', '--jobs', '2', '--json', ...MODEL);
    expect(encoded).toMatchObject({ code: 0, stderr: '' });
    const outputs = encoded.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).output);
    expect(outputs).toEqual(['out/a.shv', 'out/b.shv', 'out/deep/c.shv']);
    expect(files('out')).toEqual(outputs);

    const alone = await shvq('encode', 'in', 'out1', '--jobs', '1', '--quiet', ...MODEL);
    expect(alone).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const path of outputs) {
      const twin = readFileSync(join(folder, path.replace('out', 'out1')));
      expect(readFileSync(join(folder, path)).equals(twin)).toBe(true);
    }
    expect(await shvq('decode', 'out', 'back', '-j', '2', '--quiet', ...DECODER)).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(files('back')).toEqual(['back/a.png', 'back/b.png', 'back/deep/c.png']);
  });

  it('checks files against a manifest', async () => {
    await shvq('encode', 'in', 'm', '--quiet', ...MODEL);
    const made = await shvq('verify', 'm', ...DECODER);
    writeFileSync(join(folder, 'm.txt'), made.stdout);
    const good = await shvq('verify', '--manifest', 'm.txt', ...DECODER);
    expect(good).toEqual({
      code: 0,
      stdout: 'm/a.shv: OK\nm/b.shv: OK\nm/deep/c.shv: OK\n',
      stderr: '',
    });

    cpSync(join(folder, 'm/a.shv'), join(folder, 'm/b.shv'));
    const bad = await shvq('verify', '--manifest', 'm.txt', ...DECODER);
    expect(bad.code).toBe(3);
    expect(bad.stdout).toMatch(/^m\/a\.shv: OK\nm\/b\.shv: FAILED, .*\nm\/deep\/c\.shv: OK\n$/);
    const one = await shvq('verify', 'm/b.shv', '--manifest', 'm.txt', '--quiet', ...DECODER);
    expect(one).toMatchObject({ code: 3, stdout: '' });
    expect(one.stderr).toMatch(/FAILED/);
    const expected = await shvq('verify', 'm/a.shv', '--expect', '0'.repeat(64), ...DECODER);
    expect(expected.code).toBe(3);
  });

  it('keeps metadata on request', async () => {
    await sharp(PHOTO)
      .extract({ left: 0, top: 0, width: 40, height: 30 })
      .withMetadata({ orientation: 6 })
      .withIccProfile('p3')
      .jpeg()
      .toFile(join(folder, 'turned.jpg'));
    await shvq('encode', 'turned.jpg', 'kept.shv', '--metadata', ...MODEL);
    await shvq('encode', 'turned.jpg', 'bare.shv', ...MODEL);
    const info = async (path: string) => JSON.parse((await shvq('info', '--json', path)).stdout);
    const kept = await info('kept.shv');
    expect(kept).toMatchObject({ width: 30, height: 40, colorSpace: 'display-p3' });
    const names = kept.chunks.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['ICC profile', 'Exif']));
    expect(await info('bare.shv')).toMatchObject({
      width: 30,
      colorSpace: 'display-p3',
      chunks: [],
    });
    await shvq('decode', 'kept.shv', 'kept.png', ...DECODER);
    const { icc, orientation } = await sharp(join(folder, 'kept.png')).metadata();
    expect(icc).toBeDefined();
    expect(orientation ?? 1).toBe(1);
  });

  it('goes on after a file that fails, and says which', async () => {
    await shvq('encode', 'in', 'f', '--quiet', ...MODEL);
    const path = join(folder, 'f/b.shv');
    const bytes = readFileSync(path);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
    const run = await shvq('decode', 'f', 'g', '--json', '-j', '2', ...DECODER);
    expect(run.code).toBe(1);
    const lines = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ error }) => error?.code)).toEqual([undefined, 'CORRUPT', undefined]);
    expect(lines[1]).toMatchObject({ file: 'f/b.shv', error: { tile: 0 } });
    expect(run.stderr).toMatch(/f\/b\.shv: .*\[CORRUPT\]/);
    expect(files('g')).toEqual(['g/a.png', 'g/deep/c.png']);
  });

  it.each([
    ['a missing file', ['info', 'nowhere.shv'], 1, /nowhere\.shv.*\[ENOENT\]/],
    ['another format', ['info', 'big.png'], 1, /\[BAD_MAGIC\]/],
    ['no picture', ['encode', 'd.shvw', 'x.shv', ...MODEL], 1, /\[BAD_INPUT\]/],
    ['a wrong option', ['encode', 'big.png', 'x.shv', '-q', '200'], 2, /0\.\.100/],
    ['no command', [], 2, /Give a command/],
    ['an output that is no PNG', ['decode', 'a.shv', 'a.jpg'], 2, /\.png/],
    ['a missing manifest', ['verify', '--manifest', 'nowhere.txt'], 2, /manifest/],
  ])('refuses %s', async (_, args, code, message) => {
    const run = await shvq(...args);
    expect(run.code).toBe(code);
    expect(run.stderr).toMatch(message);
    expect(run.stdout).toBe('');
  });

  it('tells how it is used, and its version', async () => {
    expect((await shvq('--help')).stdout).toMatch(/shvq encode/);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect((await shvq('--version')).stdout).toBe(`${version}\n`);
  });

  it('leaves no half file when it is interrupted', async () => {
    mkdirSync(join(folder, 'many'));
    for (let i = 0; i < 40; i++) cpSync(join(folder, 'big.png'), join(folder, `many/${i}.png`));
    const child = spawn(process.execPath, [SHVQ, 'encode', 'many', 'some', '-j', '2', ...MODEL], {
      cwd: folder,
    });
    const code = await new Promise((done) => {
      child.stdout.once('data', () => child.kill('SIGTERM'));
      child.once('exit', (status) => done(status));
    });
    expect(code).toBe(143);
    const written = files('some');
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThan(40);
    for (const path of written) {
      expect(path).toMatch(/\d+\.shv$/);
      expect(await shvq('verify', path, '--quiet', ...DECODER)).toMatchObject({ code: 0 });
    }
  });
});
