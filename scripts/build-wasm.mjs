/**
 * Compiles assembly/ twice, with and without SIMD, into build/simd.wasm and build/plain.wasm.
 * The modules import `env.memory` and nothing else; the host lays the memory out.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const wasmOpt = join(
  dirname(createRequire(import.meta.url).resolve('binaryen')),
  'bin',
  'wasm-opt',
);

/** Sign extension and bulk memory are in every engine that this package runs in. */
const FEATURES = ['--enable-sign-ext', '--enable-bulk-memory', '--enable-mutable-globals'];

async function build(name, ascFlags, optFlags) {
  const raw = `build/${name}.raw.wasm`;
  const { error, stderr } = await asc.main(
    [
      'assembly/index.ts',
      ...['--outFile', raw, '--baseDir', root],
      ...['--runtime', 'stub', '--importMemory', '--use', 'abort='],
      ...['-O3', '--noAssert', '--disable', 'nontrapping-f2i', ...ascFlags],
    ],
    {
      readFile: (file, base) => {
        try {
          return readFileSync(join(base, file), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (file, data, base) => writeFileSync(join(base, file), data),
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const arguments_ = [raw, '-o', `build/${name}.wasm`, ...FEATURES, ...optFlags];
  execFileSync(process.execPath, [wasmOpt, ...arguments_, '-O4', '--strip-debug'], { cwd: root });
  const bytes = readFileSync(join(root, 'build', `${name}.wasm`));
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  if (imports.length !== 1 || imports[0].kind !== 'memory') {
    throw new Error(`${name}.wasm must import memory alone: ${JSON.stringify(imports)}`);
  }
  console.log(`build/${name}.wasm: ${bytes.length} bytes`);
}

mkdirSync(join(root, 'build'), { recursive: true });
await build('plain', [], []);
await build('simd', ['--enable', 'simd'], ['--enable-simd']);
