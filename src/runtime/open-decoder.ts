import { ShvqError } from '../format/errors.js';
import { isBytes, viewOf } from '../image/source.js';
import { parseDecoderModel } from '../model/build.js';
import type { DecoderModel } from '../model/layers.js';
import { referenceDecoder } from '../reference/engine.js';
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

export function openDecoderEngine(choice: Choice, model: DecoderModel): DecoderEngine {
  return choice.build === 'reference'
    ? referenceDecoder(model)
    : wasmDecoder(choice.build, choice.module, model);
}
