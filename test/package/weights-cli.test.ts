import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fromRecord, fromSafetensors, toSafetensors } from 'shvq/weights';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SHVQ = resolve('dist/cli.js');
const tensors = fromRecord({
  'a.weight': { shape: [4, 6], data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)) },
  'a.bias': Float32Array.of(0, 1, 2, 3),
  steps: BigInt64Array.of(5n),
});
const original = toSafetensors(tensors, '{"safetensors":{"format":"pt"}}');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shvq-weights-'));
  writeFileSync(join(folder, 'a.safetensors'), original);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

function weights(...args: string[]): Promise<Run> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [SHVQ, 'weights', ...args],
      { cwd: folder },
      (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe('shvq weights', () => {
  it('compresses without loss, and gives everything back', async () => {
    const run = await weights('compress', 'a.safetensors', 'a.shvw', '--lossless', '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { bytes } = JSON.parse(run.stdout);
    expect(readFileSync(join(folder, 'a.shvw')).length).toBe(bytes);

    expect(await weights('decompress', 'a.shvw', 'b.safetensors')).toMatchObject({ code: 0 });
    const back = fromSafetensors(new Uint8Array(readFileSync(join(folder, 'b.safetensors'))));
    expect(back).toEqual(fromSafetensors(original));

    const info = JSON.parse((await weights('info', 'a.shvw', '--json')).stdout);
    expect(info).toMatchObject({ version: 1, bytes, elements: 29 });
    expect(info.tensors[0]).toEqual({
      ...{ name: 'a.weight', shape: [4, 6], dtype: 'float32', mode: 'lossless' },
    });
    const same = await weights('compare', 'a.safetensors', 'a.shvw', '--build', 'plain');
    expect(same.stdout).toMatch(/a\.weight: identical\n.*\n.*\nNo difference/);
  });

  it('folds normalizations with the epsilon it is told', async () => {
    const data = Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i * i));
    const n = fromRecord({
      w: { shape: [32, 32], data },
      'bn.weight': new Float32Array(32).fill(1),
      'bn.bias': new Float32Array(32).fill(2),
      'bn.running_mean': new Float32Array(32).fill(-3),
      'bn.running_var': new Float32Array(32).fill(0.24),
    });
    writeFileSync(join(folder, 'n.safetensors'), toSafetensors(n));
    const sizes = ['--ratio', '6', '--epsilon', '0.01'];
    expect(await weights('compress', 'n.safetensors', 'n.shvw', ...sizes)).toMatchObject({
      code: 0,
    });
    await weights('decompress', 'n.shvw', 'm.safetensors');
    const back = fromSafetensors(
      new Uint8Array(readFileSync(join(folder, 'm.safetensors'))),
    ).tensors;
    const first = (name: string) => Number(back.find((tensor) => tensor.name === name)!.data[0]);
    // 1 / sqrt(0.24 + 0.01) = 2, and 2 + 3 * 2 = 8, to steps of a quarter at most.
    expect(Math.abs(first('bn.weight') - 2)).toBeLessThanOrEqual(0.25);
    expect(Math.abs(first('bn.bias') - 8)).toBeLessThanOrEqual(1);
    expect(first('bn.running_mean')).toBe(0);
    expect(first('bn.running_var')).toBeCloseTo(0.99, 5);
    const run = await weights('compare', 'n.safetensors', 'n.shvw', '--epsilon', '0.01', '--json');
    expect(JSON.parse(run.stdout).snr).toBeGreaterThan(10);
  });

  it('meets a ratio', async () => {
    const data = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i * i));
    const large = fromRecord({ w: { shape: [64, 64], data } });
    writeFileSync(join(folder, 'large.safetensors'), toSafetensors(large));
    const run = await weights('compress', 'large.safetensors', 'l.shvw', '--ratio', '6', '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const bytes = readFileSync(join(folder, 'l.shvw')).length;
    expect(bytes).toBeLessThanOrEqual((4 * 4096) / 6);
    expect(JSON.parse(run.stdout)).toMatchObject({ bytes });
    const compared = await weights('compare', 'large.safetensors', 'l.shvw', '--json');
    expect(JSON.parse(compared.stdout).snr).toBeGreaterThan(10);
  });

  it('leaves nothing where it fails', async () => {
    writeFileSync(join(folder, 'broken.shvw'), 'SHW\u0001');
    const run = await weights('decompress', 'broken.shvw', 'c.safetensors', '--json');
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'TRUNCATED' } });
    expect(existsSync(join(folder, 'c.safetensors'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.each([
    [['compress', 'a.safetensors', 'x.shvw'], 2, /one of --ratio, --bytes and --lossless/],
    [['shrink'], 2, /Unknown command/],
    [['info', 'a.shvw', '--ratio', '3'], 2, /belong to weights compress/],
    [
      ['info', 'a.shvw', '--epsilon', '1e-3'],
      2,
      /belongs to weights compress, if not --lossless, and compare/,
    ],
    [['info', 'nowhere.shvw'], 1, /ENOENT/],
  ])('refuses %j', async (args, code, message) => {
    const run = await weights(...args);
    expect(run.code).toBe(code);
    expect(run.stderr).toMatch(message);
  });

  it('tells how it is used', async () => {
    expect((await weights('--help')).stdout).toMatch(/shvq weights compress/);
  });
});
