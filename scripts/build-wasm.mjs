/**
 * Compiles assembly/ twice, with and without SIMD, into build/simd.wasm and build/plain.wasm, and
 * assembly/weights/ into build/weights-simd.wasm and build/weights-plain.wasm, assembly/products/ into
 * build/products-simd.wasm and build/products-plain.wasm.
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

const OPTIMIZED = { asc: ['-O3'], opt: ['-O4', '-Oz', '--strip-debug'] };
/** Inlines only what is marked so: 4 % smaller, and no slower. */
const SMALLER = { ...OPTIMIZED, asc: ['-O3s'] };
/** With names, and nothing inlined but what is marked so: for profiles that tell kernels apart. */
const PROFILING = { asc: ['--debug'], opt: ['--no-inline=*', '-O4', '-g'] };

async function build(name, entries, ascFlags, optFlags, mode = OPTIMIZED) {
  const raw = `build/${name}.raw.wasm`;
  const { error, stderr } = await asc.main(
    [
      ...entries,
      ...['--outFile', raw, '--baseDir', root],
      ...['--runtime', 'stub', '--importMemory', '--use', 'abort='],
      ...['--noAssert', '--disable', 'nontrapping-f2i', ...mode.asc, ...ascFlags],
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
  execFileSync(process.execPath, [wasmOpt, ...arguments_, ...mode.opt], { cwd: root });
  const bytes = readFileSync(join(root, 'build', `${name}.wasm`));
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  if (imports.length !== 1 || imports[0].kind !== 'memory') {
    throw new Error(`${name}.wasm must import memory alone: ${JSON.stringify(imports)}`);
  }
  console.log(`build/${name}.wasm: ${bytes.length} bytes`);
}

mkdirSync(join(root, 'build'), { recursive: true });
const kernels = 'assembly/index.ts';
const weights = 'assembly/weights/index.ts';
const products = 'assembly/products/index.ts';
const simd = (entry) => [[entry, 'assembly/simd.ts'], ['--enable', 'simd'], ['--enable-simd']];
if (process.argv.includes('--profiling')) await build('profiling', ...simd(kernels), PROFILING);
else {
  await build('plain', [kernels], [], [], SMALLER);
  await build('simd', ...simd(kernels), SMALLER);
  await build('weights-plain', [weights], [], []);
  await build('weights-simd', ...simd(weights));
  await build('products-plain', [products], [], []);
  await build('products-simd', ...simd(products));
}
