import type { DecoderDelivery } from '../delivery/delivery.js';
import { SHIPPED_DECODERS } from '../delivery/shipped.js';
import { MODEL_ID_BYTES } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { parseHeader } from '../format/header.js';
import { checkMemory, resolveLimits } from '../format/limits.js';
import { isByteArray } from '../image/bytes.js';
import { readBytes } from '../image/source.js';
import type { DecoderModel } from '../model/layers.js';
import type {
  ByteSource,
  Bytes,
  DecodedImage,
  DecodedInfo,
  DecodeOptions,
  Decoder,
  DecoderSettings,
  EngineInfo,
  ImageHeader,
  Limits,
} from '../types.js';
import { chooseEngine } from './choose.js';
import { decodePicture, type OpenFile } from './decode-picture.js';
import { checkAborted, drive } from './drive.js';
import type { DecoderEngine, Rect } from './engine.js';
import { Lazy } from './lazy.js';
import { openDecoderEngine, toDecoderModel } from './open-decoder.js';
import { Queue } from './queue.js';

/** Where the pixels go: the caller's memory, or memory made once its size is known to be allowed. */
type Target<T> = (bytes: number) => T;

function shortId(id: string): string {
  return id.slice(0, 2 * MODEL_ID_BYTES);
}

/** @throws ShvqError BAD_INPUT for a rectangle that is not within the picture */
function checkRegion(region: Rect | undefined, { width, height }: ImageHeader): Rect {
  if (region === undefined) return { x: 0, y: 0, width, height };
  const { x, y } = region;
  const inside =
    [x, y, region.width, region.height].every(Number.isInteger) &&
    x >= 0 &&
    y >= 0 &&
    region.width >= 1 &&
    region.height >= 1 &&
    x + region.width <= width &&
    y + region.height <= height;
  if (!inside) {
    throw new ShvqError(
      'BAD_INPUT',
      `The region ${region.width} x ${region.height} at (${x}, ${y}) is not within the picture's ` +
        `${width} x ${height} pixels`,
    );
  }
  return { x, y, width: region.width, height: region.height };
}

function allocate(bytes: number): Uint8ClampedArray<ArrayBuffer> {
  try {
    return new Uint8ClampedArray(bytes);
  } catch (cause) {
    throw new ShvqError('ENVIRONMENT', `The host has no ${bytes} bytes of memory`, { cause });
  }
}

/** A decoder on the package's own files, however they are delivered, or on a model given. */
export class ModelDecoder implements Decoder {
  readonly #limits: Limits | undefined;
  readonly #queue = new Queue();
  /** The engine of the model given, or of each model shipped by the first bytes of its id. */
  readonly #given: Lazy<DecoderEngine> | undefined;
  readonly #shipped = new Map<string, Lazy<DecoderEngine>>();

  constructor(delivery: DecoderDelivery, { limits, model, wasm }: DecoderSettings) {
    resolveLimits(limits);
    this.#limits = { ...limits };
    const choice = new Lazy(() => chooseEngine(wasm, delivery.kernels));
    const engine = (load: () => Promise<DecoderModel | Bytes>) =>
      new Lazy(async () => openDecoderEngine(await choice.get(), toDecoderModel(await load())));
    if (model !== undefined) {
      this.#given = engine(async () => model);
      return;
    }
    for (const { id, name } of SHIPPED_DECODERS) {
      this.#shipped.set(shortId(id), engine(delivery.models[name]));
    }
  }

  /** The engine for a file's model. @throws ShvqError WRONG_MODEL, naming both ids */
  async #engineFor(modelId: string): Promise<DecoderEngine> {
    if (!this.#given) {
      const shipped = this.#shipped.get(modelId);
      if (shipped) return shipped.get();
      const known = [...this.#shipped.keys()].join(', ') || 'none';
      throw new ShvqError(
        'WRONG_MODEL',
        `The file needs model ${modelId}; this version of shvq carries ${known}. A newer version ` +
          "may carry it; or give the model's .shvw: createDecoder({ model })",
      );
    }
    const engine = await this.#given.get();
    const given = shortId(engine.model.id);
    if (given === modelId) return engine;
    throw new ShvqError(
      'WRONG_MODEL',
      `The file needs model ${modelId}, and ${given} was given. Give that model, or leave \`model\` ` +
        'out for the models that shvq carries',
    );
  }

  async load(): Promise<EngineInfo> {
    const first = this.#given ?? this.#shipped.values().next().value;
    if (!first) throw new ShvqError('WRONG_MODEL', 'No model is given or known');
    const { build, model } = await first.get();
    return { build, modelId: model.id, profile: model.profile };
  }

  async #decode<T extends Uint8Array | Uint8ClampedArray>(
    source: ByteSource,
    options: DecodeOptions,
    target: Target<T>,
  ): Promise<{ info: DecodedInfo; data: T }> {
    const { onProgress, partial = false, signal } = options;
    const limits = resolveLimits(this.#limits, options.limits);
    checkAborted(signal);
    const bytes = await readBytes(source, limits.maxBytes, signal);
    const header = parseHeader(bytes, limits);
    const region = checkRegion(options.region, header);
    const file: OpenFile = { bytes, header };
    const engine = await this.#engineFor(header.modelId);
    const size = region.width * region.height * 4;
    checkMemory(size + engine.workspace(header.width, header.height), limits);
    return this.#queue.run(async () => {
      checkAborted(signal);
      const data = target(size);
      const { metadata, errors } = await drive(decodePicture(engine, file, region, data, partial), {
        signal,
        onProgress,
      });
      onProgress?.(1);
      const info: DecodedInfo = {
        width: region.width,
        height: region.height,
        colorSpace: header.colorSpace,
        quality: header.quality,
        hasAlpha: header.hasAlpha,
        errors,
        ...metadata,
      };
      return { info, data };
    }, signal);
  }

  async decode(source: ByteSource, options: DecodeOptions = {}): Promise<DecodedImage> {
    const { info, data } = await this.#decode(source, options, allocate);
    return { ...info, data };
  }

  async decodeInto(
    source: ByteSource,
    target: Uint8Array | Uint8ClampedArray,
    options: DecodeOptions = {},
  ): Promise<DecodedInfo> {
    if (!isByteArray(target)) {
      throw new ShvqError('BAD_INPUT', 'The target must be a Uint8Array or a Uint8ClampedArray');
    }
    const { info } = await this.#decode(source, options, (size) => {
      if (target.length === size) return target;
      throw new ShvqError('BAD_INPUT', `The target has ${target.length} bytes, not ${size}`);
    });
    return info;
  }
}
