import { ShvqError } from '../format/errors.js';
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import { STRIDE } from '../search/refine.js';
import type { Choice } from './choose.js';
import type { EncoderEngine } from './engine.js';
import { scalarEncoding } from './scalar-encoding.js';
import { wasmEncoder } from './wasm-encoder.js';

/** @throws ShvqError WRONG_MODEL for two parts that do not belong together, BAD_MODEL */
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
  for (const key of ['channels', 'stride'] as const) {
    if (encoder.latent[key] !== decoder.latent[key]) {
      throw new ShvqError('BAD_MODEL', `The parts of the model differ in their latent's ${key}`);
    }
  }
  if (!('vectors' in decoder) && decoder.latent.stride !== STRIDE) {
    throw new ShvqError('BAD_MODEL', `The search needs a latent of stride ${STRIDE}`);
  }
  if (choice.build !== 'reference' && !('vectors' in decoder)) {
    return wasmEncoder(choice.build, choice.module, decoder, encoder, scalarEncoding(decoder));
  }
  const { openSeldomEncoder } = await import('./seldom.js');
  return openSeldomEncoder(choice, decoder, encoder, wasmEncoder);
}
