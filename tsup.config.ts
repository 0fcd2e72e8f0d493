import { copyFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';
import { writeSubpaths } from './scripts/subpaths.mjs';
import { SHIPPED_DECODERS, SHIPPED_ENCODERS } from './src/delivery/shipped.js';

const library = [
  'src/index.ts',
  'src/decode.ts',
  'src/encode.ts',
  'src/files-decode.ts',
  'src/files-encode.ts',
  'src/edge-decode.ts',
  'src/edge-encode.ts',
  'src/worker.ts',
  'src/weights.ts',
  'src/weights-decode.ts',
];

const loader = { '.wasm': 'binary', '.shvw': 'binary' } as const;

/** What knows the DOM. */
const page = ['src/element.ts', 'src/element-define.ts', 'src/service-worker-register.ts'];

/**
 * Kernels and models become modules with their bytes, which dynamic imports keep in own chunks; and
 * they lie beside the modules too, for the deliveries that fetch or import them as files. dist/ is
 * flat, so that they lie beside every chunk.
 */
const modules = defineConfig({
  entry: [...library, ...page, 'src/worker-thread.ts', 'src/cli.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  splitting: true,
  sourcemap: false,
  external: ['sharp', /^node:/, /^\.\/[\w-]+\.(wasm|bin)$/],
  loader,
  dts: { entry: library },
  async onSuccess() {
    writeSubpaths();
    for (const module of ['', 'weights-', 'products-']) {
      for (const name of [`${module}simd.wasm`, `${module}plain.wasm`]) {
        await copyFile(`build/${name}`, `dist/${name}`);
      }
    }
    for (const { name } of [...SHIPPED_DECODERS, ...SHIPPED_ENCODERS]) {
      await copyFile(`models/${name}.shvw`, `dist/${name}.bin`);
    }
  },
});

/** Types that need the DOM's. */
const pageTypes = defineConfig({
  entry: page,
  format: 'esm',
  tsconfig: 'tsconfig.dom.json',
  dts: { only: true },
});

/** One script without imports: service workers may be classic scripts, and import nothing later. */
const serviceWorker = defineConfig({
  entry: ['src/service-worker.ts'],
  format: 'iife',
  outExtension: () => ({ js: '.js' }),
  target: 'es2022',
  platform: 'neutral',
  splitting: false,
  minify: true,
  sourcemap: false,
  tsconfig: 'tsconfig.dom.json',
  loader,
});

export default [modules, pageTypes, serviceWorker];
