import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, mediaType } from '../engines/server.js';

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a folder on localhost. */
export async function serveFolder(folder: string, policy?: string): Promise<Served> {
  const { close, url } = await listen(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    if (policy) response.setHeader('content-security-policy', policy);
    try {
      const body = await readFile(join(folder, path));
      response.writeHead(200, { 'content-type': mediaType(path) }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return { url: `${url}/`, close };
}

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((ready) => socket.listen(0, ready));
  const { port } = socket.address() as AddressInfo;
  await new Promise((closed) => socket.close(closed));
  return port;
}

/** Ends a program and what it started. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid!, 'SIGKILL');
  await ended;
}

/**
 * Starts a tool's own server, and waits until it answers.
 *
 * @param command A shell line with $PORT in it.
 */
export async function serveCommand(
  command: string,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Served & { readonly child: ChildProcess }> {
  const port = await freePort();
  const child = spawn('sh', ['-c', command], {
    ...options,
    env: { ...options.env, PORT: String(port) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  const url = `http://localhost:${port}/`;
  const deadline = Date.now() + 120_000;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop(child);
      throw new Error(`${command} did not start:\n${output}`);
    }
    const answer = await fetch(url).catch(() => undefined);
    if (answer) return { url, child, close: () => stop(child) };
    await sleep(200);
  }
}
