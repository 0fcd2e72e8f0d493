import { importBytes } from '../../delivery/import-bytes.js';

/** The decoder's builds in JavaScript chunks: a few kilobytes each. */
export function weightsKernels(build: 'simd' | 'plain'): Promise<WebAssembly.Module | Uint8Array> {
  return build === 'simd'
    ? importBytes('the SIMD decoder of weights', () => import('../../../build/weights-simd.wasm'))
    : importBytes(
        'the plain decoder of weights',
        () => import('../../../build/weights-plain.wasm'),
      );
}
