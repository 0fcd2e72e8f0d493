/**
 * What few programs need, fetched together when it is: the reference, and symbols that stand for
 * vectors. One module, because every module that is fetched on its own splits what it shares with the
 * rest out of the rest, which then compresses less well; that is also why the engines on the kernels,
 * which are there already, are given to it.
 */
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import { referenceScalars, referenceScalarTiles } from '../reference/coding.js';
import { referenceDecoder, referenceEncoder } from '../reference/engine.js';
import { vectorDecoding } from '../vectors/decoding.js';
import { vectorEncoding } from '../vectors/encoding.js';
import type { Choice } from './choose.js';
import type { DecoderEngine, EncoderEngine } from './engine.js';
import type { wasmDecoder } from './wasm-decoder.js';
import type { wasmEncoder } from './wasm-encoder.js';

/** A decoder in the reference, or on the kernels for a model of vectors. */
export function openSeldomDecoder(
  choice: Choice,
  model: DecoderModel,
  onKernels: typeof wasmDecoder,
): DecoderEngine {
  if (!('vectors' in model)) return referenceDecoder(model, referenceScalars(model));
  const { kernels, reference } = vectorDecoding(model);
  return choice.build === 'reference'
    ? referenceDecoder(model, reference)
    : onKernels(choice.build, choice.module, model, kernels);
}

/** An encoder in the reference, or on the kernels for a model of vectors. @throws ShvqError BAD_MODEL */
export function openSeldomEncoder(
  choice: Choice,
  decoder: DecoderModel,
  encoder: EncoderModel,
  onKernels: typeof wasmEncoder,
): EncoderEngine {
  if (!('vectors' in decoder)) {
    return referenceEncoder(decoder, encoder, referenceScalarTiles(decoder));
  }
  const { kernels, reference } = vectorEncoding(decoder);
  return choice.build === 'reference'
    ? referenceEncoder(decoder, encoder, reference)
    : onKernels(choice.build, choice.module, decoder, encoder, kernels);
}
