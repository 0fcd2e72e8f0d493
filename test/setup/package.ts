import { runUnlessFresh } from './fresh.js';
import { KERNEL_SOURCES } from './kernels.js';

/** Builds the package into dist/ if a source is newer. */
export default function setup(): void {
  runUnlessFresh(
    'build',
    [
      'dist/index.js',
      'dist/decode.js',
      'dist/encode.js',
      'dist/worker.js',
      'dist/worker-thread.js',
      'dist/cli.js',
      'dist/index.d.ts',
    ],
    [...KERNEL_SOURCES, 'src', 'models', 'package.json', 'tsup.config.ts'],
  );
}
