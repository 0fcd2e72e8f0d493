import { readFile } from 'node:fs/promises';
import { defineConfig, type Plugin } from 'vitest/config';

/** What tsup's `binary` loader does: a .wasm or .shvw file is a module with its bytes. */
const binaryFiles: Plugin = {
  name: 'binary-files',
  enforce: 'pre',
  async load(id) {
    if (!/\.(wasm|shvw)$/.test(id)) return null;
    const base64 = (await readFile(id)).toString('base64');
    return `export default new Uint8Array(Buffer.from('${base64}', 'base64'));`;
  },
};

/** Tests of what users install and run; they need the built package. */
const built = ['docs', 'engines', 'examples', 'package', 'worker', 'element', 'service-worker'].map(
  (name) => `test/${name}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [binaryFiles],
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...built, '**/node_modules/**'],
          globalSetup: 'test/setup/kernels.ts',
          testTimeout: 60_000,
        },
      },
      {
        plugins: [binaryFiles],
        test: {
          name: 'built',
          include: built,
          exclude: ['**/node_modules/**'],
          globalSetup: 'test/setup/package.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
