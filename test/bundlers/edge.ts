/**
 * An edge worker in workerd, which compiles no bytes: bundled by wrangler without configuration, it
 * decodes a picture of 12 megapixels and streams the pixels out, within the memory of such a worker.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type * as Shvq from 'shvq';
import { copyFixture, ENVIRONMENT, HERE, installed, shell } from './prepare.js';
import { serveCommand } from './serve.js';

const WIDTH = 4000;
const HEIGHT = 3000;
/** What such hosts allow a worker, whole. Here the host's own program comes on top. */
const LIMIT_MB = 128;
const CLOUDFLARE = join(HERE, 'node_modules/@cloudflare');

/** The program itself, whose memory is measured, and not its launcher. */
function workerd(): string {
  const platform = readdirSync(CLOUDFLARE).find((name) => name.startsWith('workerd-'));
  if (!platform) throw new Error('workerd is not installed for this platform');
  return join(CLOUDFLARE, platform, 'bin/workerd');
}

/** Megabytes that a process has held at most; 0 where the system does not tell. */
function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** Modules by the kinds that wrangler gives them. */
function configure(folder: string): string {
  const names = readdirSync(join(folder, 'out'));
  const modules = [
    '(name = "worker.js", esModule = embed "out/worker.js")',
    ...names
      .filter((name) => name.endsWith('.wasm'))
      .map((name) => `(name = "${name}", wasm = embed "out/${name}")`),
    ...names
      .filter((name) => name.endsWith('.bin'))
      .map((name) => `(name = "${name}", data = embed "out/${name}")`),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [${modules.join(', ')}],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "*:0", http = (), service = "main")],
);
`;
}

/** The example photo, enlarged, as a file. */
async function makeLargePhoto(shvq: typeof Shvq): Promise<Uint8Array> {
  const { data } = await sharp('examples/photo/kodim23.png')
    .resize(WIDTH, HEIGHT, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return shvq.encode({ width: WIDTH, height: HEIGHT, data }, { quality: 60, effort: 0 });
}

/** SHA-256 of a picture's RGBA bytes, decoded row by row here. */
async function sumOf(shvq: typeof Shvq, file: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for await (const { data } of await shvq.decodeRows(file)) hash.update(data);
  return hash.digest('hex');
}

/** @returns What was measured, for people. @throws Error */
export async function runEdge(): Promise<string> {
  const shvq = await installed<typeof Shvq>('shvq');
  const folder = copyFixture('../../examples/edge-worker', 'edge', {});
  await shell('wrangler deploy --dry-run --outdir out', folder);
  writeFileSync(join(folder, 'config.capnp'), configure(folder));
  const file = await makeLargePhoto(shvq);
  const wanted = await sumOf(shvq, file);

  const command = `exec ${workerd()} serve config.capnp --socket-addr http=127.0.0.1:$PORT`;
  const server = await serveCommand(command, { cwd: folder, env: ENVIRONMENT });
  try {
    const pid = server.child.pid!;
    const before = peakMemory(pid);
    const start = performance.now();
    const response = await fetch(server.url, { method: 'POST', body: Buffer.from(file) });
    const hash = createHash('sha256');
    let first = 0;
    let bytes = 0;
    for await (const part of response.body!) {
      first ||= performance.now() - start;
      hash.update(part);
      bytes += part.length;
    }
    const seconds = (performance.now() - start) / 1000;
    if (response.status !== 200 || bytes !== WIDTH * HEIGHT * 4 || hash.digest('hex') !== wanted) {
      throw new Error(`The worker answered ${response.status} and ${bytes} bytes, not the picture`);
    }
    const used = peakMemory(pid) - before;
    const text =
      `${(file.length / 1e6).toFixed(1)} MB of file and 48 MB of pixels: first rows after ` +
      `${(first / 1000).toFixed(1)} s of ${seconds.toFixed(1)} s; ${used.toFixed(0)} MB of memory ` +
      `beside the ${before.toFixed(0)} MB of the idle workerd`;
    if (used > LIMIT_MB) throw new Error(`More than ${LIMIT_MB} MB. ${text}`);
    return text;
  } finally {
    await server.close();
  }
}
