import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { importBytes } from '../../src/delivery/import-bytes.js';
import { loadFile } from '../../src/delivery/load-file.js';
import { failure } from '../support/codec.js';

const WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const PAGE = '<!doctype html><title>Not found</title>';

let close = () => {};
afterEach(() => close());

/** The address of simd.wasm on a server that answers as told. */
async function serve(answer: RequestListener): Promise<() => URL> {
  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  close = () => server.close();
  const { port } = server.address() as AddressInfo;
  return () => new URL('./simd.wasm', `http://127.0.0.1:${port}/assets/chunk.js`);
}

describe('a file that is fetched', () => {
  it.each([['application/wasm'], ['text/plain'], ['application/octet-stream']])(
    'may be of the type %s',
    async (type) => {
      const url = await serve((_, response) => {
        response.writeHead(200, { 'content-type': type }).end(WASM);
      });
      expect(await loadFile('simd.wasm', url)).toEqual(WASM);
    },
  );

  it('is not there: says its address and status, and what to do', async () => {
    const url = await serve((_, response) => response.writeHead(404).end(PAGE));
    const { message } = await failure(loadFile('simd.wasm', url), 'LOAD_FAILED');
    expect(message).toMatch(/assets\/simd\.wasm has status 404: .*bundler.*import shvq\/decode/);
  });

  it.each([['simd.wasm'], ['default-decoder.bin']])(
    'is a web page in place of %s, as single-page applications send',
    async (name) => {
      const url = await serve((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end(`\n${PAGE}`);
      });
      const { message } = await failure(loadFile(name, url), 'LOAD_FAILED');
      expect(message).toMatch(/\(text\/html\) is a web page, not .*bundler/);
      expect(message).toContain(name);
    },
  );

  it('is another file', async () => {
    const url = await serve((_, response) => response.writeHead(200).end(WASM));
    const { message } = await failure(loadFile('default-decoder.bin', url), 'LOAD_FAILED');
    expect(message).toMatch(/is 8 other bytes, not default-decoder\.bin/);
  });

  it('breaks off', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write(WASM);
      setTimeout(() => response.destroy(), 20);
    });
    const { cause, message } = await failure(loadFile('simd.wasm', url), 'LOAD_FAILED');
    expect(message).toMatch(/broke off/);
    expect(cause).toBeInstanceOf(Error);
  });

  it('is on a server that cannot be reached', async () => {
    const url = await serve(() => {});
    close();
    const { message } = await failure(loadFile('simd.wasm', url), 'LOAD_FAILED');
    expect(message).toMatch(/could not be fetched: .*CORS.*connect-src/);
  });
});

describe('a file on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shvq-files-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => () => new URL(`./${name}`, pathToFileURL(`${folder}/chunk.js`));

  it('is read', async () => {
    writeFileSync(join(folder, 'plain.wasm'), WASM);
    expect(await loadFile('plain.wasm', at('plain.wasm'))).toEqual(WASM);
  });

  it('is not there', async () => {
    const { message } = await failure(loadFile('simd.wasm', at('simd.wasm')), 'LOAD_FAILED');
    expect(message).toMatch(/simd\.wasm cannot be read: .*import shvq\/decode/);
  });
});

describe('a host that cannot say where files lie', () => {
  it('has no URL', async () => {
    const { URL } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, 'URL');
      const { message } = await failure(
        loadFile('simd.wasm', () => new globalThis.URL('./simd.wasm', 'http://localhost/')),
        'ENVIRONMENT',
      );
      expect(message).toMatch(/no URL.*[Ii]mport shvq\/decode/);
    } finally {
      globalThis.URL = URL;
    }
  });

  it('has no import.meta.url, as in bundles that are no modules', async () => {
    const { message } = await failure(
      loadFile('simd.wasm', () => new URL('./simd.wasm', undefined)),
      'ENVIRONMENT',
    );
    expect(message).toMatch(/import\.meta\.url.*ES modules/);
  });
});

it('says what a chunk held that does not load', async () => {
  const gone = new TypeError('Failed to fetch dynamically imported module');
  const { cause, message } = await failure(
    importBytes('the SIMD kernels', () => Promise.reject(gone)),
    'LOAD_FAILED',
  );
  expect(message).toMatch(/the SIMD kernels did not load: .*network.*build/);
  expect(cause).toBe(gone);
});
