/**
 * Encoding: the entry point `shvq/encode`.
 */

import { EFFORT_DEFAULT, EFFORT_MAX, lambdaOf } from './entropy/effort.js';
import {
  QUALITY_MAX,
  TILE_LOG2_DEFAULT,
  TILE_LOG2_MAX,
  TILE_LOG2_MIN,
} from './format/constants.js';
import { ShvqError } from './format/errors.js';
import { checkMemory, checkPixels, resolveLimits } from './format/limits.js';
import { checkImage } from './image/input.js';
import { metadataChunks } from './image/metadata.js';
import { chooseEngine } from './runtime/choose.js';
import { SHIPPED_DECODERS } from './runtime/defaults.js';
import { checkAborted, drive } from './runtime/drive.js';
import { type EncodePlan, encodePicture, type Rate } from './runtime/encode-picture.js';
import { SHIPPED_ENCODERS } from './runtime/encoder-defaults.js';
import type { EncoderEngine } from './runtime/engine.js';
import { Lazy } from './runtime/lazy.js';
import { toDecoderModel } from './runtime/open-decoder.js';
import { openEncoderEngine, toEncoderModel } from './runtime/open-encoder.js';
import { Queue } from './runtime/queue.js';
import type {
  Bytes,
  EncodeOptions,
  Encoder,
  EncoderSettings,
  EngineInfo,
  ImageLike,
  Limits,
} from './types.js';

export { ShvqError, type ShvqErrorCode } from './format/errors.js';
export type { DecoderModel, EncoderModel } from './model/layers.js';
export type { EngineBuild, Rect } from './runtime/engine.js';
export type * from './types.js';

const QUALITY_DEFAULT = 75;

function checkInteger(value: unknown, name: string, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw new ShvqError('BAD_INPUT', `${name} is ${String(value)}, not an integer in ${min}..${max}`);
}

/** @throws ShvqError BAD_INPUT */
function checkRate({ quality, targetBytes }: EncodeOptions): Rate {
  if (targetBytes === undefined) {
    return { quality: checkInteger(quality ?? QUALITY_DEFAULT, 'quality', 0, QUALITY_MAX) };
  }
  if (quality !== undefined) {
    throw new ShvqError('BAD_INPUT', 'Give either quality or targetBytes, not both');
  }
  return { targetBytes: checkInteger(targetBytes, 'targetBytes', 1, Number.MAX_SAFE_INTEGER) };
}

/** The parts of a shipped profile. @throws ShvqError BAD_INPUT for an unknown one */
async function loadShipped(profile: string): Promise<{ decoder: Bytes; encoder: Bytes }> {
  const decoder = SHIPPED_DECODERS.find((known) => known.profile === profile);
  const encoder = SHIPPED_ENCODERS.find(({ decoderId }) => decoderId === decoder?.id);
  if (!decoder || !encoder) {
    const known = SHIPPED_DECODERS.map(({ profile: name }) => name).join(', ') || 'none';
    throw new ShvqError(
      'BAD_INPUT',
      `The profile ${String(profile)} is not known; known: ${known}`,
    );
  }
  return { decoder: await decoder.load(), encoder: await encoder.load() };
}

class ModelEncoder implements Encoder {
  readonly #limits: Limits | undefined;
  readonly #queue = new Queue();
  readonly #engine: Lazy<EncoderEngine>;

  constructor({ limits, model, profile = 'default', wasm }: EncoderSettings) {
    resolveLimits(limits);
    this.#limits = { ...limits };
    this.#engine = new Lazy(async () => {
      const { decoder, encoder } = model ?? (await loadShipped(profile));
      const choice = await chooseEngine(wasm);
      return openEncoderEngine(choice, toDecoderModel(decoder), toEncoderModel(encoder));
    });
  }

  async load(): Promise<EngineInfo> {
    const { build, decoder } = await this.#engine.get();
    return { build, modelId: decoder.id, profile: decoder.profile };
  }

  async encode(image: ImageLike, options: EncodeOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { effort = EFFORT_DEFAULT, onProgress, signal, tileLog2 = TILE_LOG2_DEFAULT } = options;
    const limits = resolveLimits(this.#limits, options.limits);
    const picture = checkImage(image);
    const { height, width } = picture;
    checkPixels(width, height, limits);
    const plan: EncodePlan = {
      rate: checkRate(options),
      lambda: lambdaOf(checkInteger(effort, 'effort', 0, EFFORT_MAX)),
      tileLog2: checkInteger(tileLog2, 'tileLog2', TILE_LOG2_MIN, TILE_LOG2_MAX),
      metadata: metadataChunks(options),
    };
    checkAborted(signal);
    const engine = await this.#engine.get();
    checkMemory(engine.workspace(width, height), limits);
    return this.#queue.run(async () => {
      const file = await drive(encodePicture(engine, picture, plan), { signal, onProgress });
      onProgress?.(1);
      return file;
    }, signal);
  }
}

/**
 * An encoder of its own, which shares nothing with any other. Engine and models are loaded at the
 * first picture, or by `load()`.
 *
 * @throws ShvqError BAD_INPUT
 */
export function createEncoder(settings: EncoderSettings = {}): Encoder {
  return new ModelEncoder(settings);
}

let shared: Encoder | undefined;

/**
 * Encodes an image with an encoder that is made at the first call.
 *
 * @returns The bytes of a .shv file.
 * @throws ShvqError
 */
export function encode(
  image: ImageLike,
  options?: EncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  shared ??= createEncoder();
  return shared.encode(image, options);
}
