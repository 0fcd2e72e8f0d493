import type { DecoderDelivery } from '../delivery/delivery.js';
import { ShvqError } from '../format/errors.js';
import { isBytes, viewOf } from '../image/bytes.js';
import { parseDecoderModel, parseEncoderModel } from '../model/build.js';
import type { DecoderModel, EncoderModel } from '../model/layers.js';
import { isCompressed } from '../model/read.js';
import type { Bytes } from '../types.js';
import type { WeightsEngine } from '../weights/decode/engine.js';
import { wasmEngine } from '../weights/decode/wasm.js';
import { type Choice, chooseEngine } from './choose.js';

type Kernels = DecoderDelivery['weightsKernels'];

/**
 * What decodes a compressed model: the build that decodes pictures, or the reference where the host
 * was given that build compiled and compiles nothing itself.
 *
 * @throws ShvqError LOAD_FAILED
 */
async function weightsEngine(
  { build }: Choice,
  kernels: Kernels,
): Promise<WeightsEngine | undefined> {
  if (build === 'reference') return undefined;
  try {
    const choice = await chooseEngine(build, kernels);
    return choice.build === 'reference' ? undefined : wasmEngine(choice.build, choice.module);
  } catch (error) {
    if (error instanceof ShvqError && error.code === 'ENVIRONMENT') return undefined;
    throw error;
  }
}

/** Opens a file, with the kernels if it takes them: those of version 0 do not. */
async function parse<T>(
  file: Bytes,
  parseModel: (bytes: Uint8Array, engine?: WeightsEngine) => T,
  choice: Choice,
  kernels: Kernels,
): Promise<T> {
  const bytes = viewOf(file);
  return parseModel(bytes, isCompressed(bytes) ? await weightsEngine(choice, kernels) : undefined);
}

/** A decoder model as it is, or from the bytes of its file. @throws ShvqError */
export async function toDecoderModel(
  model: DecoderModel | Bytes,
  choice: Choice,
  kernels: Kernels,
): Promise<DecoderModel> {
  if (isBytes(model)) return parse(model, parseDecoderModel, choice, kernels);
  if (typeof model === 'object' && model !== null && 'synthesis' in model) return model;
  throw new ShvqError('BAD_INPUT', 'The decoder model must be a DecoderModel or a .shvw file');
}

/** An encoder model as it is, or from the bytes of its file. @throws ShvqError */
export async function toEncoderModel(
  model: EncoderModel | Bytes,
  choice: Choice,
  kernels: Kernels,
): Promise<EncoderModel> {
  if (isBytes(model)) return parse(model, parseEncoderModel, choice, kernels);
  if (typeof model === 'object' && model !== null && 'analysis' in model) return model;
  throw new ShvqError('BAD_INPUT', 'The encoder model must be an EncoderModel or a .shvw file');
}
