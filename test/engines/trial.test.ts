import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Engine } from './drivers/engine.js';
import { tryEngine } from './trial.js';

/** An engine that runs a line of JavaScript in place of the cases. */
const engine = (line: string): Engine => ({
  name: 'line',
  title: 'Line',
  candidates: [process.execPath],
  command: (executable, url) => ({
    executable,
    arguments: ['--input-type=module', '-e', `const url = '${url}/report/line'; ${line}`],
  }),
});
const post = (body: object) =>
  `await fetch(url, { method: 'POST', body: '${JSON.stringify(body)}' });`;

/** What `ps` says of a process: nothing if it is gone, Z if it is dead and nobody has asked after it. */
const stateOf = (pid: string) =>
  spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout.trim();

describe('an engine', () => {
  it('that hangs is stopped, and what it started with it', async () => {
    const line = `
      const { spawn } = await import('node:child_process');
      const { pid } = spawn('sleep', ['600']);
      ${post({ build: 'simd', name: 'first' })}
      await fetch(url, { method: 'POST', body: JSON.stringify({ build: 'simd', name: String(pid) }) });
      setInterval(() => {}, 1000);`;
    const { complete, passed, problems } = await tryEngine(engine(line), 3);
    expect(complete).toBe(false);
    const [first, pid] = passed.simd!;
    expect(first).toBe('first');
    expect(problems).toEqual([`stopped after 3 s, after ${pid} (simd)`]);
    expect(stateOf(pid!)).toMatch(/^Z|^$/);
  });

  it('that ends before its time is said to', async () => {
    const line = `console.error('out of luck'); process.exit(3);`;
    const { complete, problems } = await tryEngine(engine(line), 30);
    expect(complete).toBe(false);
    expect(problems).toEqual(['ended with 3, after its start\nout of luck']);
  });

  it('whose case gives something else is said to, though it comes to the end', async () => {
    const line = post({ build: 'plain', name: 'a', problem: 'gave b' }) + post({ done: true });
    const { complete, passed, problems } = await tryEngine(engine(line), 30);
    expect(complete).toBe(true);
    expect(passed).toEqual({});
    expect(problems).toEqual(['a (plain) gave b']);
  });

  it('that cannot load the package is said to', async () => {
    const { complete, problems } = await tryEngine(engine(post({ failure: 'no module' })), 30);
    expect(complete).toBe(false);
    expect(problems).toEqual(['no module, after its start']);
  });

  it('that is not there is said to', async () => {
    const missing = { ...engine(''), candidates: ['', '/nowhere/engine'] };
    const { problems, version } = await tryEngine(missing, 30);
    expect(version).toBeUndefined();
    expect(problems).toEqual(['not found: /nowhere/engine']);
  });
});
