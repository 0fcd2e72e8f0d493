import { readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { text } from 'node:stream/consumers';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** The media type of a file, by its ending. */
export function mediaType(path: string): string {
  return TYPES[extname(path)] ?? 'application/octet-stream';
}

/** A server on a free port of localhost. */
export interface Listening {
  /** Origin, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

export async function listen(answer: RequestListener): Promise<Listening> {
  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return { url: `http://localhost:${port}`, close };
}

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
): Promise<Listening> {
  const read = async (request: IncomingMessage, path: string) => {
    if (request.method === 'POST') return receive?.(path, await text(request)) ?? '';
    return made[path] ?? (await readFile(new URL(`../..${path}`, import.meta.url)));
  };
  return listen(async (request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname;
    try {
      const body = await read(request, path);
      if (typeof body === 'function') {
        body(response);
        return;
      }
      response.writeHead(200, { 'content-type': mediaType(path) }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
}
