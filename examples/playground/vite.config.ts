import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  worker: { format: 'es' },
  // The peers find their .wasm beside their modules, which pre-bundling would move.
  optimizeDeps: { exclude: ['shvq', '@jsquash/avif', '@jsquash/jpeg', '@jsquash/webp'] },
  // The package and the example photo lie two folders up.
  server: { fs: { allow: ['../..'] } },
  build: { target: 'es2022' },
});
