import type { DecoderDelivery } from '../delivery/delivery.js';
import { WASM_MAGIC } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { pageHint, startsWith } from '../format/sniff.js';
import { isBytes, viewOf } from '../image/bytes.js';
import type { WasmOption } from '../types.js';

type Kernels = DecoderDelivery['kernels'];

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

/** Which build a module is: the SIMD one says so by an export. */
function describe(module: WebAssembly.Module): Choice {
  const exports = WebAssembly.Module.exports(module);
  return { build: exports.some(({ name }) => name === 'simd') ? 'simd' : 'plain', module };
}

/** Told from an instance made in another realm too. */
function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Module]';
}

/** @throws ShvqError BAD_INPUT for bytes of another kind, ENVIRONMENT where the host refuses */
async function compile(kernels: Uint8Array | WebAssembly.Module): Promise<Choice> {
  if (isModule(kernels)) return describe(kernels);
  if (!startsWith(kernels, WASM_MAGIC)) {
    throw new ShvqError(
      'BAD_INPUT',
      `The bytes given as wasm are no WebAssembly${pageHint(kernels)}`,
    );
  }
  try {
    return describe(await WebAssembly.compile(kernels));
  } catch (cause) {
    throw new ShvqError(
      'ENVIRONMENT',
      'The host does not compile this WebAssembly. Under a Content-Security-Policy, add ' +
        "'wasm-unsafe-eval' to its script-src; in a worker that compiles no bytes, import " +
        'shvq/edge/decode; or leave `wasm` out: TypeScript decodes the same pixels, slower',
      { cause },
    );
  }
}

/** The best that the host allows, in one order everywhere: SIMD, plain, reference. */
async function detect(kernels: Kernels): Promise<Choice> {
  if (typeof WebAssembly === 'undefined') return REFERENCE;
  const loaded = await kernels(WebAssembly.validate(SIMD_PROBE) ? 'simd' : 'plain');
  try {
    return await compile(loaded);
  } catch (error) {
    if (error instanceof ShvqError) return REFERENCE;
    throw error;
  }
}

/**
 * Loads what the `wasm` option asks for.
 *
 * @param kernels The builds that can be named.
 * @throws ShvqError ENVIRONMENT where the host lacks what was named, LOAD_FAILED where it cannot be
 *   had, BAD_INPUT for another value
 */
export async function chooseEngine(
  wasm: WasmOption | undefined,
  kernels: Kernels,
): Promise<Choice> {
  if (wasm === undefined) return detect(kernels);
  if (wasm === 'reference') return REFERENCE;
  if (typeof WebAssembly === 'undefined') {
    throw new ShvqError(
      'ENVIRONMENT',
      'The host has no WebAssembly. Leave `wasm` out: TypeScript decodes the same pixels, slower',
    );
  }
  if (wasm === 'simd' || wasm === 'plain') return compile(await kernels(wasm));
  if (isBytes(wasm)) return compile(viewOf(wasm));
  if (isModule(wasm)) return describe(wasm);
  throw new ShvqError(
    'BAD_INPUT',
    "wasm must be a WebAssembly.Module, its bytes, 'simd', 'plain' or 'reference'",
  );
}
