import { ShvqError } from '../format/errors.js';
import { isBytes, viewOf } from '../image/bytes.js';
import { parseEncoderModel } from '../model/build.js';
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import type { Bytes } from '../types.js';
import type { Choice } from './choose.js';
import type { EncoderEngine } from './engine.js';
import { wasmEncoder } from './wasm-encoder.js';

/** An encoder model as it is, or from the bytes of its file. @throws ShvqError */
export function toEncoderModel(model: EncoderModel | Bytes): EncoderModel {
  if (isBytes(model)) return parseEncoderModel(viewOf(model));
  if (typeof model === 'object' && model !== null && 'analysis' in model) return model;
  throw new ShvqError('BAD_INPUT', 'The encoder model must be an EncoderModel or a .shvw file');
}

/** @throws ShvqError WRONG_MODEL for two parts that do not belong together */
export async function openEncoderEngine(
  choice: Choice,
  decoder: DecoderModel,
  encoder: EncoderModel,
): Promise<EncoderEngine> {
  if (encoder.decoderId !== decoder.id) {
    throw new ShvqError(
      'WRONG_MODEL',
      `The encoder model belongs to decoder model ${encoder.decoderId}, not ${decoder.id}`,
    );
  }
  if (choice.build !== 'reference') {
    return wasmEncoder(choice.build, choice.module, decoder, encoder);
  }
  const { referenceEncoder } = await import('../reference/engine.js');
  return referenceEncoder(decoder, encoder);
}
