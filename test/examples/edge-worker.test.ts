import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { createDecoder } from 'shvq/decode';
import { encode } from 'shvq/encode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, serveCommand } from '../bundlers/serve.js';
import { scene } from '../support/pictures.js';

/** workerd comes with the packages of the engines' and the bundlers' tests. */
const workerd = ['engines', 'bundlers']
  .map((name) => resolve(`test/${name}/node_modules/@cloudflare/workerd-linux-64/bin/workerd`))
  .find(existsSync);
if (!workerd) {
  if (process.env.CI_BROWSER === 'required') throw new Error('npm ci --prefix test/engines');
  console.warn('Skipped for want of workerd: npm ci --prefix test/engines');
}

describe.skipIf(!workerd)('examples/edge-worker', () => {
  let folder: string;
  let served: Served;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shvq-edge-'));
    cpSync('examples/edge-worker', folder, { recursive: true });
    const out = join(folder, 'out');
    await build({
      entryPoints: [join(folder, 'worker.js')],
      bundle: true,
      format: 'esm',
      external: ['*.wasm', '*.bin'],
      outfile: join(out, 'worker.js'),
      alias: { 'shvq/edge/decode': resolve('dist/edge-decode.js') },
    });
    for (const name of readdirSync('dist')) {
      if (/\.wasm$|-decoder\.bin$/.test(name)) cpSync(`dist/${name}`, join(out, name));
    }
    const command = `exec ${workerd} serve config.capnp --socket-addr http=127.0.0.1:$PORT`;
    served = await serveCommand(command, { cwd: folder, env: process.env });
  });
  afterAll(async () => {
    await served?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('streams the pixels of what is posted', async () => {
    const file = await encode(scene(200, 120), { effort: 1 });
    const answer = await fetch(served.url, { method: 'POST', body: Buffer.from(file) });
    expect(answer.headers.get('x-size')).toBe('200x120');
    const { data } = await createDecoder().decode(file);
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(data.buffer))).toBe(true);
  });

  it('says what it wants', async () => {
    expect(await (await fetch(served.url)).text()).toMatch(/^Post a \.shv/);
  });
});
