import { copyFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';

/** Kernels and models become modules with their bytes; dynamic imports keep them in own chunks. */
export default defineConfig({
  entry: ['src/index.ts', 'src/decode.ts', 'src/encode.ts', 'src/cli.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  splitting: true,
  clean: true,
  sourcemap: false,
  external: ['sharp', /^node:/],
  loader: { '.wasm': 'binary', '.shvw': 'binary' },
  dts: { entry: ['src/index.ts', 'src/decode.ts', 'src/encode.ts'] },
  async onSuccess() {
    for (const name of ['simd.wasm', 'plain.wasm']) {
      await copyFile(`build/${name}`, `dist/${name}`);
    }
  },
});
