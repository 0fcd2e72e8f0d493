import { ShvqError } from '../format/errors.js';
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import type { Choice } from './choose.js';
import type { EncoderEngine } from './engine.js';
import { scalarEncoding } from './scalar-encoding.js';
import { wasmEncoder } from './wasm-encoder.js';

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
  if (choice.build !== 'reference' && !('vectors' in decoder)) {
    return wasmEncoder(choice.build, choice.module, decoder, encoder, scalarEncoding(decoder));
  }
  const { openSeldomEncoder } = await import('./seldom.js');
  return openSeldomEncoder(choice, decoder, encoder, wasmEncoder);
}
