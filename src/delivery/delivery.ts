import type { DecoderName, EncoderName } from './shipped.js';

/**
 * How the package's own files, kernels and models, reach the program. There are three deliveries, and
 * the entry points differ in nothing else:
 *
 * - inline: in JavaScript modules, which every bundler knows;
 * - files: beside the module, fetched in browsers and read from disk elsewhere;
 * - edge: imported as modules, for hosts that compile no bytes.
 */
export interface Delivery<Name extends string> {
  /** Compiled, or the bytes to compile. @throws ShvqError LOAD_FAILED, ENVIRONMENT */
  kernels(build: 'simd' | 'plain'): Promise<WebAssembly.Module | Uint8Array>;
  /** Those that decode compressed models. @throws ShvqError LOAD_FAILED, ENVIRONMENT */
  weightsKernels(build: 'simd' | 'plain'): Promise<WebAssembly.Module | Uint8Array>;
  /** The bytes of each model's .shvw file. @throws ShvqError LOAD_FAILED, ENVIRONMENT */
  readonly models: Readonly<Record<Name, () => Promise<Uint8Array>>>;
}

export type DecoderDelivery = Delivery<DecoderName>;
export type EncoderDelivery = Delivery<DecoderName | EncoderName>;
