import type { DecoderDelivery } from '../delivery/delivery.js';
import { ShvqError } from '../format/errors.js';
import { checkMemory, resolveLimits } from '../format/limits.js';
import { isByteArray } from '../image/bytes.js';
import { type FileInput, MemoryInput, openInput } from '../image/file-input.js';
import { readBytes } from '../image/source.js';
import type {
  ByteSource,
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
import { allocate } from './allocate.js';
import { closing } from './closing.js';
import { type DecodePlan, decodeStrips } from './decode-picture.js';
import { toInfo } from './decoded-info.js';
import { DecoderEngines } from './decoder-engines.js';
import { checkAborted, Pace } from './drive.js';
import type { PixelRows, Rect } from './engine.js';
import { Faults } from './faults.js';
import { layoutOf } from './layout.js';
import { checkFileLength, openFile, readChunks } from './open-file.js';
import { Queue } from './queue.js';

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

/** A decoder on the package's own files, however they are delivered, or on a model given. */
export class ModelDecoder implements Decoder {
  readonly #limits: Limits | undefined;
  readonly #queue = new Queue();
  readonly #engines: DecoderEngines;

  constructor(delivery: DecoderDelivery, settings: DecoderSettings) {
    resolveLimits(settings.limits);
    this.#limits = { ...settings.limits };
    this.#engines = new DecoderEngines(delivery, settings);
  }

  load(): Promise<EngineInfo> {
    return this.#engines.load();
  }

  /**
   * Reads the header and the chunks, and checks what was asked for against them.
   *
   * @param outputBytes Bytes of output a pixel that are held at once.
   */
  async #open(input: FileInput, options: DecodeOptions, outputBytes: number): Promise<OpenPicture> {
    const { onProgress, partial = false, signal } = options;
    const limits = resolveLimits(this.#limits, options.limits);
    const file = await openFile(input, limits);
    const { header } = file;
    const engine = await this.#engines.get(header.modelId);
    const layout = layoutOf(header, engine.model, options);
    const { region, scaling } = layout;
    const size = region.width * region.height * outputBytes;
    checkMemory(size + engine.workspace(header.width, header.height, scaling.engine), limits);
    const faults = new Faults(partial);
    await faults.guard({}, () => checkFileLength(file));
    const { alpha, metadata } = await readChunks(file, faults);
    const info = toInfo(header, region, faults.list, metadata);
    const pace = new Pace({ signal, onProgress });
    return { info, plan: { engine, file, alpha, layout }, faults, pace };
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
    const input = new MemoryInput(await readBytes(source, maxBytes, signal, options.partial));
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
      const rows = toRows(strips, plan.layout.region, onProgress);
      return { ...info, [Symbol.asyncIterator]: () => closing(rows, () => input.close()) };
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
