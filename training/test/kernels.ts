import buildKernels from '../scripts/build-kernels.mjs';

/** Compiles the kernels before the first test. */
export default buildKernels;
