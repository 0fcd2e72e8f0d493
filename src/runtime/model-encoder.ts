import type { EncoderDelivery } from '../delivery/delivery.js';
import { SHIPPED_DECODERS, SHIPPED_ENCODERS } from '../delivery/shipped.js';
import {
  QUALITY_MAX,
  TILE_LOG2_DEFAULT,
  TILE_LOG2_MAX,
  TILE_LOG2_MIN,
} from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { checkMemory, checkPixels, resolveLimits } from '../format/limits.js';
import { fillBytes, hasHidden } from '../image/fill.js';
import { checkImage } from '../image/input.js';
import { metadataChunks } from '../image/metadata.js';
import { EFFORT_DEFAULT, EFFORT_MAX, planOf, type SearchPlan } from '../search/effort.js';
import type {
  Bytes,
  EncodeOptions,
  Encoder,
  EncoderSettings,
  EngineInfo,
  ImageLike,
  Limits,
} from '../types.js';
import { chooseEngine } from './choose.js';
import { checkAborted, drive } from './drive.js';
import { type EncodePlan, encodePicture, type Rate } from './encode-picture.js';
import type { EncoderEngine } from './engine.js';
import { Lazy } from './lazy.js';
import { openEncoderEngine } from './open-encoder.js';
import { toDecoderModel, toEncoderModel } from './open-model.js';
import { Queue } from './queue.js';

const QUALITY_DEFAULT = 75;

/** Larger pictures are searched in tiles of 2^TILE_LOG2_SEARCHED pixels, which bounds the memory. */
const SEARCHED_WHOLE = 640 * 640;
const TILE_LOG2_SEARCHED = 9;

function defaultTileLog2(pixels: number, { iterations }: SearchPlan): number {
  return iterations > 0 && pixels > SEARCHED_WHOLE ? TILE_LOG2_SEARCHED : TILE_LOG2_DEFAULT;
}

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
async function loadShipped(
  { models }: EncoderDelivery,
  profile: string,
): Promise<{ decoder: Bytes; encoder: Bytes }> {
  const decoder = SHIPPED_DECODERS.find((known) => known.profile === profile);
  const encoder = SHIPPED_ENCODERS.find(({ modelId }) => modelId === decoder?.modelId);
  if (!decoder || !encoder) {
    const known = SHIPPED_DECODERS.map(({ profile: name }) => name).join(', ') || 'none';
    throw new ShvqError(
      'BAD_INPUT',
      `The profile ${String(profile)} is not known; known: ${known}`,
    );
  }
  return { decoder: await models[decoder.name](), encoder: await models[encoder.name]() };
}

/** An encoder on the package's own files, however they are delivered, or on a model given. */
export class ModelEncoder implements Encoder {
  readonly #limits: Limits | undefined;
  readonly #queue = new Queue();
  readonly #engine: Lazy<EncoderEngine>;

  constructor(
    delivery: EncoderDelivery,
    { limits, model, profile = 'default', wasm }: EncoderSettings,
  ) {
    resolveLimits(limits);
    this.#limits = { ...limits };
    this.#engine = new Lazy(async () => {
      const { decoder, encoder } = model ?? (await loadShipped(delivery, profile));
      const choice = await chooseEngine(wasm, delivery.kernels);
      const { weightsKernels } = delivery;
      return openEncoderEngine(
        choice,
        await toDecoderModel(decoder, choice, weightsKernels),
        await toEncoderModel(encoder, choice, weightsKernels),
      );
    });
  }

  async load(): Promise<EngineInfo> {
    const { build, decoder } = await this.#engine.get();
    return { build, modelId: decoder.id, profile: decoder.profile };
  }

  async encode(image: ImageLike, options: EncodeOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { effort = EFFORT_DEFAULT, onProgress, signal, tileLog2 } = options;
    const limits = resolveLimits(this.#limits, options.limits);
    const picture = checkImage(image);
    const { height, width } = picture;
    checkPixels(width, height, limits);
    const search = planOf(checkInteger(effort, 'effort', 0, EFFORT_MAX));
    const plan: EncodePlan = {
      rate: checkRate(options),
      search,
      tileLog2: checkInteger(
        tileLog2 === undefined ? defaultTileLog2(width * height, search) : tileLog2,
        'tileLog2',
        TILE_LOG2_MIN,
        TILE_LOG2_MAX,
      ),
      metadata: metadataChunks(options),
    };
    checkAborted(signal);
    const engine = await this.#engine.get();
    const hidden = picture.step === 4 && hasHidden(picture.data) ? fillBytes(width, height) : 0;
    checkMemory(engine.workspace(width, height, 2 ** plan.tileLog2, search) + hidden, limits);
    return this.#queue.run(async () => {
      const file = await drive(encodePicture(engine, picture, plan), { signal, onProgress });
      onProgress?.(1);
      return file;
    }, signal);
  }
}
