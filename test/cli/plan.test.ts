import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { plan } from '../../src/cli/plan.js';

const SHA = 'ab'.repeat(32);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shvq-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a folder that is verified', () => {
  it('is looked for all that the manifest lists of it', async () => {
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'out', 'b.shv'), '');
    const [a, b, other] = [['out', 'a.shv'], ['out', 'b.shv'], ['outside.shv']].map((path) =>
      join(folder, ...path),
    );
    const manifest = join(folder, 'manifest');
    writeFileSync(manifest, [a, b, other].map((path) => `${SHA}  ${path}\n`).join(''));
    const inputs = async (...paths: string[]) =>
      (await plan(parseArguments(['verify', ...paths, '--manifest', manifest]))).map((task) =>
        'input' in task ? task.input : undefined,
      );
    expect(await inputs(join(folder, 'out'))).toEqual([b, a]);
    expect(await inputs(b!)).toEqual([b]);
    expect(await inputs()).toEqual([a, b, other]);
  });
});
