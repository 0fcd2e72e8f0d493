import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { decode } from 'shvq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readersFolder } from '../support/readers-folder.js';

let folder: string;
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  folder = await readersFolder();
  writeFileSync(join(folder, 'server.js'), readFileSync(resolve('examples/node-server/server.js')));
  server = spawn(process.execPath, ['server.js', '.', '0'], { cwd: folder });
  url = await new Promise<string>((ready, failed) => {
    server.stdout!.once('data', (line) => ready(String(line).trim()));
    server.stderr!.once('data', (text) => failed(new Error(String(text))));
  });
});
afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('the server that converts on the fly', () => {
  it('answers a PNG as .shv', async () => {
    const response = await fetch(`${url}photo.png?to=shv&quality=40`);
    expect(response.status).toBe(200);
    const picture = await decode(response);
    expect(picture).toMatchObject({ width: 144, height: 96, quality: 40 });
  });

  it('answers a .shv as PNG with the pixels that decode gives', async () => {
    const response = await fetch(`${url}photo.shv?to=png`);
    expect(response.headers.get('content-type')).toBe('image/png');
    const png = await sharp(await response.arrayBuffer())
      .raw()
      .toBuffer();
    const own = await decode(readFileSync(join(folder, 'photo.shv')));
    expect(png.equals(new Uint8Array(own.data.buffer))).toBe(true);
  });

  it.each([
    ['missing.png?to=shv', 404],
    ['photo.png?to=gif', 400],
    ['photo.png?to=shv&quality=900', 400],
    ['..%2f..%2fetc%2fpasswd?to=shv', 404],
  ])('answers %s with %i', async (path, status) => {
    expect((await fetch(url + path)).status).toBe(status);
  });
});
