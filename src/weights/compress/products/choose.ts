import { importBytes } from '../../../delivery/import-bytes.js';
import { chooseEngine } from '../../../runtime/choose.js';
import type { WasmOption } from '../../../types.js';
import type { ProductEngine } from './engine.js';
import { REFERENCE } from './reference.js';
import { wasmProducts } from './wasm.js';

/** The builds in JavaScript chunks: about a kilobyte each. */
function kernels(build: 'simd' | 'plain'): Promise<WebAssembly.Module | Uint8Array> {
  const what = 'the products of matrices';
  return build === 'simd'
    ? importBytes(what, () => import('../../../../build/products-simd.wasm'))
    : importBytes(what, () => import('../../../../build/products-plain.wasm'));
}

/** @throws ShvqError as `chooseEngine` */
export async function chooseProducts(wasm: WasmOption | undefined): Promise<ProductEngine> {
  const choice = await chooseEngine(wasm, kernels);
  return choice.build === 'reference' ? REFERENCE : wasmProducts(choice.build, choice.module);
}
