/**
 * What a page downloads: minifies the package's entry points with esbuild, as a bundler does, and
 * counts gzipped bytes of code, kernels and models, beside the peers' decoders.
 *
 *   npm run bench:size      writes bench/results/size.{json,md} and the table of the README
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { provenance, provenanceText } from './machine.js';

const require = createRequire(import.meta.url);

/** Gzipped bytes. */
export interface Sizes {
  /** Code that every use loads, and code that only some hosts or calls need. */
  readonly code: number;
  readonly kernels: number;
  readonly models: number;
}

export interface SizeRow extends Sizes {
  readonly name: string;
}

const gzipped = (bytes: Uint8Array | string): number => gzipSync(bytes, { level: 9 }).length;

/**
 * Kernels and models of the inline delivery are chunks with these names; of the others, files. Models
 * but the default one are fetched where a file needs them.
 */
function kindOf(path: string, everyModel: boolean): keyof Sizes | 'other' {
  const name = basename(path);
  if (/^((weights-)?simd)[.-].*(js|wasm)$/.test(name)) return 'kernels';
  if (/^(weights-)?plain[.-]/.test(name)) return 'other';
  if (/-(decoder|encoder)[.-].*(js|bin)$/.test(name)) {
    return everyModel || name.startsWith('default-') ? 'models' : 'other';
  }
  // The reference, only where WebAssembly is forbidden; vectors, only with a model of them.
  if (/^seldom-/.test(name)) return 'other';
  return 'code';
}

/** Leaves what is imported or addressed as a file to be counted on its own. */
function fileImports(found: Set<string>): Plugin {
  return {
    name: 'file-imports',
    setup(build) {
      build.onResolve({ filter: /\.(wasm|bin)$/ }, ({ path }) => {
        found.add(`dist/${basename(path)}`);
        return { path, external: true };
      });
      build.onLoad({ filter: /dist\/.*\.js$/ }, ({ path }) => {
        const contents = readFileSync(path, 'utf8');
        for (const [, name] of contents.matchAll(/new URL\("\.\/([\w.-]+\.(?:wasm|bin))"/g)) {
          found.add(`dist/${name}`);
        }
        return { contents, loader: 'js' };
      });
    },
  };
}

/** @param imports What a program takes of entry points in dist/: [entry, names] by turns. */
async function measure(name: string, imports: readonly string[][]): Promise<SizeRow> {
  const found = new Set<string>();
  const { outputFiles } = await build({
    stdin: {
      contents: imports
        .map(([entry, names]) => `export { ${names} } from './dist/${entry}.js';`)
        .join('\n'),
      resolveDir: '.',
      sourcefile: 'program.js',
    },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    outdir: 'out',
    write: false,
    logLevel: 'error',
    external: ['node:*'],
    plugins: [fileImports(found)],
  });
  // What is imported as a module is there, needed or not.
  const everyModel = imports.some(([entry]) => entry!.startsWith('edge-'));
  const sizes = { code: 0, kernels: 0, models: 0, other: 0 };
  for (const { contents, path } of outputFiles)
    sizes[kindOf(path, everyModel)] += gzipped(contents);
  for (const path of found) sizes[kindOf(path, everyModel)] += gzipped(readFileSync(path));
  const { code, kernels, models } = sizes;
  return { name, code, kernels, models };
}

function peer(name: string): SizeRow {
  const folder = `@jsquash/${name}/codec/dec/${name}_dec`;
  const size = (extension: string) => gzipped(readFileSync(require.resolve(folder + extension)));
  return {
    name: `@jsquash/${name}, decoder`,
    code: size('.js'),
    kernels: size('.wasm'),
    models: 0,
  };
}

const WEIGHTS = ['weights-decode', 'decodeWeights'];

const OURS: readonly [name: string, ...imports: string[][]][] = [
  ['decoder, inline', ['decode', 'decode']],
  ['decoder, files', ['files-decode', 'decode']],
  ['decoder, edge', ['edge-decode', 'decode']],
  ['decoder and weights decoder, inline', ['decode', 'decode'], WEIGHTS],
  ['weights decoder, inline', WEIGHTS],
  ['encoder, inline', ['encode', 'encode']],
  ['encoder, files', ['files-encode', 'encode']],
  ['encoder, edge', ['edge-encode', 'encode']],
  ['`shvq/worker`, in the page', ['worker', 'decode, encode']],
  ['`shvq/worker`, in the thread', ['worker-thread', '']],
  ['`shvq/element`, in the page', ['element', 'defineShvImage']],
];

/** Rows of a Markdown table, in bytes. */
export function sizeTable(rows: readonly SizeRow[]): string {
  const number = (value: number) => (value === 0 ? '' : value.toLocaleString('en'));
  return [
    '| gzipped bytes | code | kernels | together | models |',
    '|---|---|---|---|---|',
    ...rows.map(({ name, code, kernels, models }) =>
      [
        `| ${name} | ${number(code)} | ${number(kernels)} | `,
        `${number(code + kernels)} | ${number(models)} |`,
      ].join(''),
    ),
  ].join('\n');
}

const MARKS = ['<!-- size: npm run bench:size -->\n', '<!-- /size -->\n'] as const;

/** The text between the README's marks. @throws Error */
export function markedTable(readme: string): string {
  const [start, end] = MARKS.map((mark) => readme.indexOf(mark));
  if (start! < 0 || end! < start!) throw new Error('The README has no marks for the size table');
  return readme.slice(start! + MARKS[0].length, end!);
}

if (process.argv[1] && import.meta.url.endsWith(basename(process.argv[1]))) {
  const rows: SizeRow[] = [];
  for (const [name, ...imports] of OURS) rows.push(await measure(name, imports));
  for (const name of ['avif', 'jxl', 'webp']) rows.push(peer(name));
  const machine = provenance('bench:size');
  const table = `${sizeTable(rows)}\n`;
  writeFileSync('bench/results/size.json', `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  const text = `# Size\n\n${provenanceText(machine)}\n\nMinified by esbuild, gzip level 9. The kernels are those with SIMD.\n\n`;
  writeFileSync('bench/results/size.md', text + table);
  const readme = readFileSync('README.md', 'utf8');
  const start = readme.indexOf(MARKS[0]) + MARKS[0].length;
  const rest = readme.slice(start + markedTable(readme).length);
  writeFileSync('README.md', readme.slice(0, start) + table + rest);
  console.log(table);
}
