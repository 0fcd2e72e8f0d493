import { ShvqError } from '../format/errors.js';
import { isBytes, viewOf } from '../image/bytes.js';
import { parseDecoderModel } from '../model/build.js';
import type { DecoderModel } from '../model/layers.js';
import type { Bytes } from '../types.js';
import type { Choice } from './choose.js';
import type { DecoderEngine } from './engine.js';
import { wasmDecoder } from './wasm-decoder.js';

/** A decoder model as it is, or from the bytes of its file. @throws ShvqError */
export function toDecoderModel(model: DecoderModel | Bytes): DecoderModel {
  if (isBytes(model)) return parseDecoderModel(viewOf(model));
  if (typeof model === 'object' && model !== null && 'synthesis' in model) return model;
  throw new ShvqError('BAD_INPUT', 'The decoder model must be a DecoderModel or a .shvw file');
}

/** The reference is fetched only where it is needed. */
export async function openDecoderEngine(
  choice: Choice,
  model: DecoderModel,
): Promise<DecoderEngine> {
  if (choice.build !== 'reference') return wasmDecoder(choice.build, choice.module, model);
  const { referenceDecoder } = await import('../reference/engine.js');
  return referenceDecoder(model);
}
