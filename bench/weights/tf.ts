import { createRequire } from 'node:module';

/** A tensor of TensorFlow.js, as far as the bench needs it. */
export interface Tensor {
  readonly shape: number[];
  data(): Promise<ArrayLike<number>>;
  dispose(): void;
}

type Pads = readonly (readonly [number, number])[];

/** The operations of TensorFlow.js that ResNet-32 takes: the root package does without its types. */
interface TensorFlow {
  tensor(data: Float32Array, shape: readonly number[]): Tensor;
  transpose(x: Tensor, axes: readonly number[]): Tensor;
  pad(x: Tensor, pads: Pads): Tensor;
  conv2d(x: Tensor, filter: Tensor, stride: number, padding: 'valid'): Tensor;
  batchNorm(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    shift: Tensor,
    scale: Tensor,
    epsilon: number,
  ): Tensor;
  stridedSlice(x: Tensor, begin: number[], end: number[], strides: number[]): Tensor;
  relu(x: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  mean(x: Tensor, axes: readonly number[]): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor;
  tidy(run: () => Tensor): Tensor;
  dispose(tensors: Tensor[]): void;
}

/**
 * TensorFlow.js with its native backend, from the training package: the bench passes 10,000 pictures
 * a dozen times, which takes minutes natively and hours in WebAssembly.
 */
function native(): TensorFlow {
  const training = createRequire(new URL('../../training/package.json', import.meta.url));
  try {
    return training('@tensorflow/tfjs-node') as TensorFlow;
  } catch (cause) {
    throw new Error('bench:weights needs `npm ci && npm run setup` in training/', { cause });
  }
}

export const tf: TensorFlow = native();
