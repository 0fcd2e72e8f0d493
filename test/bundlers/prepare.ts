import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stop } from './serve.js';

export const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, '../..');
const MODULES = join(HERE, 'node_modules');
/** Fixtures are copied here, so that what the tools write stays out of the sources. */
export const WORK = join(HERE, 'build');

/** The tools' commands by name, as in an npm script. */
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${join(MODULES, '.bin')}:${process.env.PATH}`,
  NEXT_TELEMETRY_DISABLED: '1',
  WRANGLER_SEND_METRICS: 'false',
  CI: '1',
};

/** Installs the tools if their lock file has changed since. */
export function installTools(): void {
  const lock = readFileSync(join(HERE, 'package-lock.json'));
  const stamp = join(MODULES, '.lock.sha256');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HERE, stdio: 'inherit' });
  writeFileSync(stamp, hash);
}

/** Packs the package as it would be published, and unpacks it where the fixtures find it. */
export function installPackage(): void {
  const target = join(MODULES, 'shvq');
  rmSync(target, { recursive: true, force: true });
  rmSync(join(MODULES, '.vite'), { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', MODULES];
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }));
  const tarball = join(MODULES, filename);
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  rmSync(tarball);
}

/** An entry point of the package that the fixtures use. */
export function installed<T>(name: string): Promise<T> {
  const path = createRequire(join(HERE, 'package.json')).resolve(name);
  return import(pathToFileURL(path).href);
}

/**
 * Copies a fixture, and the files given, into a folder of that name to build it in.
 *
 * @param folder From here.
 */
export function copyFixture(
  folder: string,
  name: string,
  files: Record<string, Uint8Array>,
): string {
  const target = join(WORK, name);
  rmSync(target, { recursive: true, force: true });
  cpSync(join(HERE, folder), target, { recursive: true });
  cpSync(join(HERE, 'fixtures/report.js'), join(target, 'report.js'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(target, name), bytes);
  return target;
}

const LIMIT = 300_000;

/** Runs a shell line. @throws Error with what it printed, if it fails or takes too long */
export async function shell(line: string, cwd: string): Promise<string> {
  const child = spawn('bash', ['-c', line], {
    cwd,
    env: ENVIRONMENT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  const timer = setTimeout(() => stop(child), LIMIT);
  const code = await new Promise((ended) => child.once('exit', ended));
  clearTimeout(timer);
  if (code === 0) return output;
  throw new Error(`${line} ended with ${code}:\n${output}`);
}
