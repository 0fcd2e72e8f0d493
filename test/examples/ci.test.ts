import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fencedBlocks } from '../docs/blocks.js';
import { readersFolder } from '../support/readers-folder.js';

const run = promisify(execFile);
const [make, check] = fencedBlocks(readFileSync('examples/ci/README.md', 'utf8')).map(({ code }) =>
  code.trim(),
);

let folder: string;

async function shell(line: string): Promise<string> {
  const path = `${join(folder, 'node_modules/.bin')}:${process.env.PATH}`;
  const env = { ...process.env, PATH: path };
  return (await run('bash', ['-euo', 'pipefail', '-c', line], { cwd: folder, env })).stdout;
}

beforeAll(async () => {
  folder = await readersFolder();
  await shell('npx shvq encode photos/ photos/ --quiet');
  await shell('rm photos/*.png');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the check for CI', () => {
  it('is the line that the workflow runs', () => {
    const workflow = readFileSync('examples/ci/verify.yml', 'utf8');
    expect(workflow).toContain(`- run: ${check}`);
  });

  it('passes on the same pixels and fails on others', async () => {
    await shell(make!);
    await shell(check!);
    const manifest = join(folder, 'photos.sha256');
    const other = readFileSync(manifest, 'utf8').replace(/^./, (digit) =>
      digit === '0' ? '1' : '0',
    );
    writeFileSync(manifest, other);
    const failure = await shell(check!).catch((error) => error);
    expect(failure.code).toBe(3);
  });
});
