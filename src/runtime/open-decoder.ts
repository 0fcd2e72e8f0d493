import type { DecoderModel } from '../model/layers.js';
import type { Choice } from './choose.js';
import type { DecoderEngine } from './engine.js';
import { scalarCoding } from './scalar-coding.js';
import { wasmDecoder } from './wasm-decoder.js';

/** The reference, and what vectors take, are fetched only where they are needed. */
export async function openDecoderEngine(
  choice: Choice,
  model: DecoderModel,
): Promise<DecoderEngine> {
  if (choice.build !== 'reference' && !('vectors' in model)) {
    return wasmDecoder(choice.build, choice.module, model, scalarCoding(model));
  }
  const { openSeldomDecoder } = await import('./seldom.js');
  return openSeldomDecoder(choice, model, wasmDecoder);
}
