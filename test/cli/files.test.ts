import { execFile, execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expand, IMAGE_EXTENSIONS, transfers, writeWhole } from '../../src/cli/files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shvq-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function touch(...names: string[]): string[] {
  return names.map((name) => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, name);
    return path;
  });
}

describe('inputs', () => {
  it('are the files named, and pictures in folders and below', async () => {
    touch('in/b.png', 'in/deep/a.JPG', 'in/notes.txt');
    const odd = join(folder, 'named.xyz');
    const found = await expand([odd, join(folder, 'in')], IMAGE_EXTENSIONS);
    expect(found).toEqual([
      { path: odd },
      { path: join(folder, 'in/b.png'), folder: join(folder, 'in') },
      { path: join(folder, 'in/deep/a.JPG'), folder: join(folder, 'in') },
    ]);
  });

  it.skipIf(process.platform === 'win32')('are links to files, and not to folders', async () => {
    touch('there/a.png', 'in/b.png');
    const link = (to: string, name: string) => symlinkSync(to, join(folder, 'in', name));
    link(join('..', 'there', 'a.png'), 'a.png');
    link('nowhere.png', 'lost.png');
    link('.', 'loop.png');
    link(join('..', 'there'), 'linked');
    const found = await expand([join(folder, 'in')], IMAGE_EXTENSIONS);
    const names = ['a.png', 'b.png', 'lost.png'];
    expect(found.map(({ path }) => path)).toEqual(names.map((name) => join(folder, 'in', name)));
  });

  it('must exist in a folder', async () => {
    touch('in/notes.txt');
    await expect(expand([join(folder, 'in')], IMAGE_EXTENSIONS)).rejects.toThrow(/No .*files in/);
  });
});

describe('outputs', () => {
  it('take the name given for one file', async () => {
    expect(await transfers([{ path: 'a.png' }], 'x/y.bin', '.shv')).toEqual([
      { input: 'a.png', output: 'x/y.bin' },
    ]);
  });

  it('go into a folder that exists or is written as one', async () => {
    for (const out of [folder, `${join(folder, 'new')}/`]) {
      const [transfer] = await transfers([{ path: 'p/a.b.png' }], out, '.shv');
      expect(transfer!.output).toBe(join(out, 'a.b.shv'));
    }
  });

  it('keep the tree of a folder', async () => {
    const found = [
      { path: join('in', 'a.png'), folder: 'in' },
      { path: join('in', 'deep', 'a.png'), folder: 'in' },
      { path: 'c' },
    ];
    const names = (await transfers(found, 'out', '.shv')).map(({ output }) => output);
    expect(names).toEqual([
      join('out', 'a.shv'),
      join('out', 'deep', 'a.shv'),
      join('out', 'c.shv'),
    ]);
  });

  it('never collide with each other or with an input', async () => {
    const twins = [{ path: 'a.png' }, { path: 'a.jpg' }];
    await expect(transfers(twins, 'out', '.shv')).rejects.toThrow(/both become/);
    await expect(transfers([{ path: 'a.shv' }], './a.shv', '.shv')).rejects.toThrow(/is an input/);
  });

  it.skipIf(process.platform === 'win32')('are no links to an input', async () => {
    const [input] = touch('a.png');
    const link = join(folder, 'link.shv');
    symlinkSync('a.png', link);
    await expect(transfers([{ path: input! }], link, '.shv')).rejects.toThrow(/is an input/);
  });
});

describe('writing', () => {
  it('makes folders, replaces files and leaves nothing beside', () => {
    const path = join(folder, 'deep', 'er', 'file');
    writeWhole(path, Uint8Array.of(1, 2, 3));
    writeWhole(path, Uint8Array.of(4));
    expect([...readFileSync(path)]).toEqual([4]);
    expect(readdirSync(join(folder, 'deep', 'er'))).toEqual(['file']);
  });

  it('leaves nothing when it fails', () => {
    touch('taken/inside');
    expect(() => writeWhole(join(folder, 'taken'), Uint8Array.of(1))).toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it('takes names as long as the file system does', () => {
    const name = 'x'.repeat(255);
    writeWhole(join(folder, name), Uint8Array.of(1));
    expect(readdirSync(folder)).toEqual([name]);
  });

  it.skipIf(process.platform === 'win32')('follows links, which stay', () => {
    touch('there/file');
    symlinkSync(join('there', 'file'), join(folder, 'link'));
    writeWhole(join(folder, 'link'), Uint8Array.of(7));
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect([...readFileSync(join(folder, 'there/file'))]).toEqual([7]);
    expect(readdirSync(join(folder, 'there'))).toEqual(['file']);
  });

  it.skipIf(process.platform === 'win32')('goes into a pipe, which stays', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = promisify(execFile)('cat', [pipe], { timeout: 10_000 });
    writeWhole(pipe, new TextEncoder().encode('bytes'));
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect((await reader).stdout).toBe('bytes');
    expect(readdirSync(folder)).toEqual(['pipe']);
  });
});
