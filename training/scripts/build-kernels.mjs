/**
 * Compiles assembly/ into build/kernels.wasm, unless that is newer. The compiler is the SDK's, one
 * folder up. The module imports `env.memory` and nothing else.
 */
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'build', 'kernels.wasm');

/** Returns at once where the kernels are up to date. Throws with the compiler's words. */
export default async function buildKernels() {
  const folder = join(root, 'assembly');
  const changed = Math.max(
    ...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs),
  );
  if ((statSync(out, { throwIfNoEntry: false })?.mtimeMs ?? 0) > changed) return;
  let binary;
  const { error, stderr } = await asc.main(
    [
      'assembly/index.ts',
      ...['--outFile', 'kernels.wasm', '--baseDir', root],
      ...['--runtime', 'stub', '--importMemory', '--use', 'abort='],
      ...['--noAssert', '--enable', 'simd', '-O3'],
    ],
    {
      writeFile: (_, data) => {
        binary = data;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  mkdirSync(dirname(out), { recursive: true });
  // Renamed, so that a run that starts meanwhile never reads half a module.
  writeFileSync(`${out}.${process.pid}`, binary);
  renameSync(`${out}.${process.pid}`, out);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernels();
