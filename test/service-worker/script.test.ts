import { readFile } from 'node:fs/promises';
import { runInThisContext } from 'node:vm';
import { encode } from 'shvq/encode';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const URL = 'https://example.com/photo.shv';
const file = await encode({ width: 32, height: 24, data: new Uint8Array(32 * 24 * 3) });

/** What a service worker's events have that the script uses. */
interface Handled {
  readonly request: Partial<Request>;
  respondWith(response: Promise<Response>): void;
  waitUntil(work: Promise<unknown>): void;
}

let onFetch: (event: Handled) => void;
const kept = new Map<string, Response>();
const cache = {
  match: async (url: string) => kept.get(url)?.clone(),
  put: async (url: string, response: Response) => {
    const bytes = await response.arrayBuffer();
    kept.set(url, new Response(bytes, { headers: response.headers }));
  },
  delete: async (url: string) => kept.delete(url),
  keys: async () => [...kept.keys()],
};

beforeAll(async () => {
  const types: Record<string, (event: Handled) => void> = {};
  vi.stubGlobal('addEventListener', (type: string, listener: (event: Handled) => void) => {
    types[type] = listener;
  });
  runInThisContext(await readFile('dist/service-worker.js', 'utf8'));
  onFetch = types.fetch!;
});
afterEach(() => {
  kept.clear();
});

/** What the script answers where the server does so, and when all its work is done. */
async function answer(server: () => Response, caches: unknown = { open: async () => cache }) {
  vi.stubGlobal('caches', caches);
  vi.stubGlobal('fetch', async () => server());
  const work: Promise<unknown>[] = [];
  let response: Promise<Response> | undefined;
  onFetch({
    request: { method: 'GET', destination: 'image', url: URL, mode: 'no-cors' },
    respondWith: (given) => {
      response = given;
    },
    waitUntil: (given) => work.push(given),
  });
  const given = await response!;
  const body = await given.arrayBuffer();
  await Promise.all(work);
  return { status: given.status, redirected: given.redirected, bytes: body.byteLength };
}

const tagged = (headers: Record<string, string> = {}) => {
  return () => new Response(file, { headers: { etag: '"one"', ...headers } });
};
const unreachable = () => {
  throw new TypeError('Failed to fetch');
};

describe('the service worker’s script', () => {
  it('shows a kept picture while the server cannot be reached', async () => {
    const { bytes, status } = await answer(tagged());
    expect(status).toBe(200);
    expect(await answer(unreachable)).toMatchObject({ status: 200, bytes });
  });

  it('keeps nothing that the server wants kept nowhere, and forgets what it has of it', async () => {
    await answer(tagged());
    expect(kept.size).toBe(1);
    const secret = tagged({ 'cache-control': 'private, No-Store' });
    expect((await answer(secret)).status).toBe(200);
    expect(kept.size).toBe(0);
    expect((await answer(unreachable)).status).toBe(502);
  });

  it('shows pictures where the cache fails', async () => {
    const broken = {
      open: async () => {
        throw new DOMException('Unexpected internal error.', 'UnknownError');
      },
    };
    expect((await answer(tagged(), broken)).status).toBe(200);
    expect((await answer(unreachable, broken)).status).toBe(502);
  });

  it('answers a navigation that was led to a missing file', async () => {
    const led = () =>
      Object.defineProperty(new Response('no', { status: 404 }), 'redirected', { value: true });
    expect(await answer(led)).toEqual({ status: 404, redirected: false, bytes: 2 });
  });
});
