import type { DecoderDelivery } from '../delivery/delivery.js';
import { SHIPPED_DECODERS } from '../delivery/shipped.js';
import { MODEL_ID_BYTES } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { checkMemory, resolveLimits } from '../format/limits.js';
import { isByteArray } from '../image/bytes.js';
import { type FileInput, MemoryInput, openInput } from '../image/file-input.js';
import { readBytes } from '../image/source.js';
import type { DecoderModel } from '../model/layers.js';
import type {
  ByteSource,
  Bytes,
  DecodedImage,
  DecodedInfo,
  DecodedRows,
  DecodedStrip,
  DecodeOptions,
  Decoder,
  DecoderSettings,
  EngineInfo,
  Limits,
} from '../types.js';
import { chooseEngine } from './choose.js';
import { type DecodePlan, decodeStrips } from './decode-picture.js';
import { checkAborted, Pace } from './drive.js';
import type { DecoderEngine, PixelRows, Rect } from './engine.js';
import { Faults } from './faults.js';
import { Lazy } from './lazy.js';
import { openDecoderEngine } from './open-decoder.js';
import { checkFileLength, openFile, readChunks } from './open-file.js';
import { toDecoderModel } from './open-model.js';
import { Queue } from './queue.js';
import { scaledSize, scalingOf } from './scale.js';

/** A picture whose header and chunks have been read. */
interface OpenPicture {
  readonly info: DecodedInfo;
  readonly plan: DecodePlan;
  readonly faults: Faults;
  readonly pace: Pace;
}

/** Bytes a pixel. */
const RGBA = 4;

/** Where the pixels go: the caller's memory, or memory made once its size is known to be allowed. */
type Target<T> = (bytes: number) => T;

function shortId(id: string): string {
  return id.slice(0, 2 * MODEL_ID_BYTES);
}

/** @throws ShvqError BAD_INPUT for a rectangle that is not within the picture */
function checkRegion(
  region: Rect | undefined,
  { width, height }: { readonly width: number; readonly height: number },
): Rect {
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
      new Lazy(async () => {
        const chosen = await choice.get();
        const model = await toDecoderModel(await load(), chosen, delivery.weightsKernels);
        return openDecoderEngine(chosen, model);
      });
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

  /**
   * Reads the header and the chunks, and checks what was asked for against them.
   *
   * @param outputBytes Bytes of output a pixel that are held at once.
   */
  async #open(input: FileInput, options: DecodeOptions, outputBytes: number): Promise<OpenPicture> {
    const { onProgress, partial = false, scale = 1, signal } = options;
    const limits = resolveLimits(this.#limits, options.limits);
    const file = await openFile(input, limits);
    const { header } = file;
    const engine = await this.#engineFor(header.modelId);
    const scaling = scalingOf(scale, engine.model);
    const region = checkRegion(options.region, scaledSize(header, scaling.shrink));
    const size = region.width * region.height * outputBytes;
    checkMemory(size + engine.workspace(header.width, header.height, scaling.engine), limits);
    const faults = new Faults(partial);
    await faults.guard({}, () => checkFileLength(file));
    const { alpha, metadata } = await readChunks(file, faults);
    const info: DecodedInfo = {
      width: region.width,
      height: region.height,
      colorSpace: header.colorSpace,
      quality: header.quality,
      hasAlpha: header.hasAlpha,
      errors: faults.list,
      ...metadata,
    };
    const pace = new Pace({ signal, onProgress });
    return { info, plan: { engine, file, alpha, scaling, region }, faults, pace };
  }

  async #decode<T extends Uint8Array | Uint8ClampedArray>(
    source: ByteSource,
    options: DecodeOptions,
    target: Target<T>,
  ): Promise<{ info: DecodedInfo; data: T }> {
    const { onProgress, signal } = options;
    checkAborted(signal);
    const { maxBytes } = resolveLimits(this.#limits, options.limits);
    // Read whole before it is this picture's turn: a slow stream does not keep the others waiting.
    const input = new MemoryInput(await readBytes(source, maxBytes, signal));
    const { faults, info, pace, plan } = await this.#open(input, options, RGBA);
    return this.#queue.run(async () => {
      checkAborted(signal);
      const size = info.width * info.height * RGBA;
      const data = target(size);
      let at = 0;
      const allocate = (bytes: number) => {
        if (at + bytes > data.length) {
          throw new ShvqError('BAD_INPUT', 'The target was detached while it was written');
        }
        at += bytes;
        return data.subarray(at - bytes, at);
      };
      for await (const _ of decodeStrips(plan, { faults, pace, allocate }));
      onProgress?.(1);
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

  async decodeRows(source: ByteSource, options: DecodeOptions = {}): Promise<DecodedRows> {
    const { onProgress, signal } = options;
    checkAborted(signal);
    const { maxBytes } = resolveLimits(this.#limits, options.limits);
    const input = openInput(source, maxBytes, signal);
    try {
      const { faults, info, pace, plan } = await this.#open(input, options, 0);
      const strips = decodeStrips(plan, { faults, pace, allocate });
      return { ...info, [Symbol.asyncIterator]: () => toRows(strips, plan.region, onProgress) };
    } catch (error) {
      input.close();
      throw error;
    }
  }
}

/** Strips as the user sees them: in the region's rows. */
async function* toRows(
  strips: AsyncIterable<PixelRows>,
  region: Rect,
  onProgress: DecodeOptions['onProgress'],
): AsyncGenerator<DecodedStrip, void, void> {
  for await (const { y, height, data } of strips) {
    yield {
      y: y - region.y,
      width: region.width,
      height,
      data: data as Uint8ClampedArray<ArrayBuffer>,
    };
  }
  onProgress?.(1);
}
