import { readFileSync } from 'node:fs';

/**
 * What multiplies matrices in `compressWeights`, by `npm run build:wasm`. Node imports no .wasm by
 * itself; the package's build makes modules of it.
 */
export const KERNELS = readFileSync(new URL('../../build/products-simd.wasm', import.meta.url));
