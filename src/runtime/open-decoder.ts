import type { DecoderModel } from '../model/layers.js';
import type { Choice } from './choose.js';
import type { DecoderEngine } from './engine.js';
import { wasmDecoder } from './wasm-decoder.js';

/** The reference is fetched only where it is needed. */
export async function openDecoderEngine(
  choice: Choice,
  model: DecoderModel,
): Promise<DecoderEngine> {
  if (choice.build !== 'reference') return wasmDecoder(choice.build, choice.module, model);
  const { referenceDecoder } = await import('../reference/engine.js');
  return referenceDecoder(model);
}
