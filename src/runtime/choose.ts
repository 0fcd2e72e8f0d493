import { ShvqError } from '../format/errors.js';
import { isBytes, viewOf } from '../image/bytes.js';
import type { WasmOption } from '../types.js';

/** What an engine is made from: compiled kernels, or none. */
export type Choice =
  | { readonly build: 'simd' | 'plain'; readonly module: WebAssembly.Module }
  | { readonly build: 'reference' };

const REFERENCE: Choice = { build: 'reference' };

/** A module with one SIMD function: () => i8x16.popcnt(i8x16.splat(0)). */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123],
  ...[3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

async function bundled(build: 'simd' | 'plain'): Promise<Uint8Array> {
  const { default: bytes } =
    build === 'simd'
      ? await import('../../build/simd.wasm')
      : await import('../../build/plain.wasm');
  return bytes;
}

/** Which build a module is: the SIMD one says so by an export. */
function describe(module: WebAssembly.Module): Choice {
  const exports = WebAssembly.Module.exports(module);
  return { build: exports.some(({ name }) => name === 'simd') ? 'simd' : 'plain', module };
}

/** @throws ShvqError ENVIRONMENT where the host refuses */
async function compile(bytes: Uint8Array): Promise<Choice> {
  try {
    return describe(await WebAssembly.compile(bytes));
  } catch (cause) {
    throw new ShvqError('ENVIRONMENT', 'The host does not compile this WebAssembly', { cause });
  }
}

/** The best that the host allows, in one order everywhere: SIMD, plain, reference. */
async function detect(): Promise<Choice> {
  if (typeof WebAssembly === 'undefined') return REFERENCE;
  try {
    return await compile(await bundled(WebAssembly.validate(SIMD_PROBE) ? 'simd' : 'plain'));
  } catch (error) {
    if (error instanceof ShvqError) return REFERENCE;
    throw error;
  }
}

/**
 * Loads what the `wasm` option asks for.
 *
 * @throws ShvqError ENVIRONMENT where the host lacks what was named, BAD_INPUT for another value
 */
export async function chooseEngine(wasm: WasmOption | undefined): Promise<Choice> {
  if (wasm === undefined) return detect();
  if (wasm === 'reference') return REFERENCE;
  if (typeof WebAssembly === 'undefined') {
    throw new ShvqError('ENVIRONMENT', 'The host has no WebAssembly');
  }
  if (wasm === 'simd' || wasm === 'plain') return compile(await bundled(wasm));
  if (isBytes(wasm)) return compile(viewOf(wasm));
  if (Object.prototype.toString.call(wasm) === '[object WebAssembly.Module]') {
    return describe(wasm as WebAssembly.Module);
  }
  throw new ShvqError(
    'BAD_INPUT',
    "wasm must be a WebAssembly.Module, its bytes, 'simd', 'plain' or 'reference'",
  );
}
