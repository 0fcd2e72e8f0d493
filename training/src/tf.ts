import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** TensorFlow.js. Required, not imported: its Node build is CommonJS without static names. */
export const tf = require('@tensorflow/tfjs') as typeof import('@tensorflow/tfjs');

export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';

/**
 * Registers the native backend: tfjs-node-gpu where an NVIDIA device answers, else tfjs-node.
 * Returns the package's name. Throws where `npm run setup` has not been run.
 */
export function useNativeBackend(): string {
  const { spawnSync } = require('node:child_process') as typeof import('node:child_process');
  const cuda = spawnSync('nvidia-smi', ['-L'], { stdio: 'ignore' }).status === 0;
  const name = cuda ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  require(name);
  if (tf.getBackend() !== 'tensorflow') throw new Error(`${name} did not register its backend`);
  return name;
}
