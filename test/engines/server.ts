import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { text } from 'node:stream/consumers';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** A body, or what writes the response itself. */
type Made = string | Uint8Array | ((response: ServerResponse) => void);

/**
 * Serves the repository's files, and the given ones, on localhost.
 *
 * @param made Bodies by path.
 * @param receive Gets what is posted.
 */
export async function serve(
  made: Record<string, Made>,
  receive?: (path: string, body: string) => void,
): Promise<{ url: string; close(): void }> {
  const read = async (request: IncomingMessage, path: string) => {
    if (request.method === 'POST') return receive?.(path, await text(request)) ?? '';
    return made[path] ?? (await readFile(new URL(`../..${path}`, import.meta.url)));
  };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname;
    try {
      const body = await read(request, path);
      if (typeof body === 'function') {
        body(response);
        return;
      }
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
