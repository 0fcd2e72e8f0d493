/** The entries that are kept, the newest; a page's pictures, not a site's. */
const ENTRIES_MAX = 32;
/** Larger pictures cost more to keep than to decode again. */
const BYTES_MAX = 2 ** 24;
/** What the picture was made from: its ETag or its date. */
const SOURCE = 'x-shvq-source';

/** What tells one version of a file from the next; nothing if the server does not tell. */
export function versionOf(response: Response): string | undefined {
  return response.headers.get('etag') ?? response.headers.get('last-modified') ?? undefined;
}

/** Whether the server lets the picture be kept. */
export function mayKeep(response: Response): boolean {
  return !/\bno-store\b/i.test(response.headers.get('cache-control') ?? '');
}

/** Decoded pictures by the address of their .shv, with the version that they were made from. */
export class PngCache {
  /** @param name Of the cache; another one for another format of what is in it. */
  constructor(private readonly name: string) {}

  /**
   * A picture that is kept; none where the host's cache fails.
   *
   * @param version Left out: any, for when the server cannot be reached.
   */
  async match(url: string, version?: string): Promise<Response | undefined> {
    try {
      const cache = await caches.open(this.name);
      const found = await cache.match(url);
      if (version === undefined || found?.headers.get(SOURCE) === version) return found;
    } catch {
      // What is not kept is decoded.
    }
    return undefined;
  }

  /** Forgets a picture. */
  async delete(url: string): Promise<void> {
    const cache = await caches.open(this.name);
    await cache.delete(url);
  }

  /**
   * Keeps a picture if it is of moderate size. A picture that breaks off is not kept.
   *
   * @param bytes Of the picture, at most.
   */
  async put(url: string, version: string, response: Response, bytes: number): Promise<void> {
    if (bytes > BYTES_MAX) {
      await response.body?.cancel();
      return;
    }
    const headers = new Headers(response.headers);
    headers.set(SOURCE, version);
    const cache = await caches.open(this.name);
    await cache.delete(url);
    await cache.put(url, new Response(response.body, { headers }));
    const keys = await cache.keys();
    for (const key of keys.slice(0, -ENTRIES_MAX)) await cache.delete(key);
  }
}
