import { defineConfig } from 'vitest/config';

// A configuration of its own: without it vitest would take the SDK's, one folder up.
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], globalSetup: 'test/kernels.ts', testTimeout: 600_000 },
});
