import { ShvqError } from '../../format/errors.js';
import { resolveLimits } from '../../format/limits.js';
import { isBytes, viewOf } from '../../image/bytes.js';
import { openInput } from '../../image/file-input.js';
import { chooseEngine } from '../../runtime/choose.js';
import { closing } from '../../runtime/closing.js';
import { checkAborted } from '../../runtime/drive.js';
import type { EngineBuild } from '../../runtime/engine.js';
import { Lazy } from '../../runtime/lazy.js';
import type { AbortSignalLike, ByteSource, Bytes, Limits, WasmOption } from '../../types.js';
import { readHeader } from '../format/read-header.js';
import type { DType, Tensor } from '../types.js';
import type { WeightsEngine } from './engine.js';
import { isVersion0, memoryOf, readVersion0 } from './file.js';
import { weightsKernels } from './kernels.js';
import { REFERENCE } from './reference.js';
import { openWeights } from './stream.js';
import { wasmEngine } from './wasm.js';

/** What a file may cost: `maxBytes` of the file, `maxMemory` of tensors and workspace. */
export type WeightsLimits = Pick<Limits, 'maxBytes' | 'maxMemory'>;

export interface WeightsDecoderSettings {
  /**
   * Which engine runs, all with the same bits out. Left out: SIMD where the host has it, plain
   * WebAssembly otherwise, TypeScript where compilation is forbidden.
   */
  readonly wasm?: WasmOption | undefined;
  readonly limits?: WeightsLimits | undefined;
}

export interface WeightsDecodeOptions {
  /** Stops before the next tensor; the promise is then rejected with code ABORTED. */
  readonly signal?: AbortSignalLike | undefined;
  /** Called with the part of the tensors that is decoded, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Overrides those of the decoder. */
  readonly limits?: WeightsLimits | undefined;
}

/** A decoded file. */
export interface Weights {
  /** JSON text of the application; '' for none. */
  readonly metadata: string;
  /** By name. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** A file that is being decoded: tensors come as soon as their bytes are there. */
export interface WeightsStream extends AsyncIterable<Tensor> {
  readonly metadata: string;
  /** How many tensors there are. */
  readonly count: number;
}

/** What a file says of itself. */
export interface WeightsInfo {
  readonly version: 0 | 1;
  readonly metadata: string;
  readonly tensors: readonly TensorInfo[];
  /** Bytes that decoding needs at most, beside the file's own. */
  readonly memory: { readonly output: number; readonly workspace: number };
}

export interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly mode: 'lossless' | 'uniform' | 'scalar' | 'vector';
}

/**
 * Reads what a file says of itself, without decoding a tensor.
 *
 * @param bytes The file, or as much of it as its header takes.
 * @throws ShvqError BAD_INPUT, BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT
 */
export function readWeightsInfo(
  bytes: Bytes,
  options: { readonly limits?: WeightsLimits | undefined } = {},
): WeightsInfo {
  if (!isBytes(bytes)) throw new ShvqError('BAD_INPUT', 'The header must be in memory');
  const view = viewOf(bytes);
  if (isVersion0(view)) {
    const { metadata, tensors } = readVersion0(view);
    const output = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
    const infos = tensors.map(({ name, shape, dtype }) => ({ name, shape, dtype, mode: LOSSLESS }));
    return { version: 0, metadata, tensors: infos, memory: { output, workspace: 0 } };
  }
  const header = readHeader(view, resolveLimits(options.limits));
  const tensors = header.tensors.map((entry) => {
    const { name, shape, dtype } = entry;
    const mode = entry.storage === 'quantized' ? entry.codebook.kind : LOSSLESS;
    return { name, shape, dtype, mode };
  });
  return { version: 1, metadata: header.metadata, tensors, memory: memoryOf(header) };
}

const LOSSLESS = 'lossless' as const;

/** Decodes `.shvw` files. Calls may overlap; every file has an instance of its own. */
export class WeightsDecoder {
  readonly #limits: WeightsLimits | undefined;
  readonly #engine: Lazy<WeightsEngine>;

  /** @throws ShvqError BAD_INPUT */
  constructor({ limits, wasm }: WeightsDecoderSettings = {}) {
    resolveLimits(limits);
    this.#limits = { ...limits };
    this.#engine = new Lazy(async () => {
      const choice = await chooseEngine(wasm, weightsKernels);
      return choice.build === 'reference' ? REFERENCE : wasmEngine(choice.build, choice.module);
    });
  }

  /** Loads the engine ahead of the first file. */
  async load(): Promise<{ readonly build: EngineBuild }> {
    const { build } = await this.#engine.get();
    return { build };
  }

  /** @throws ShvqError */
  async decode(source: ByteSource, options: WeightsDecodeOptions = {}): Promise<Weights> {
    const stream = await this.stream(source, options);
    // No prototype: a tensor may be called like one of its members.
    const tensors: Record<string, Tensor> = Object.create(null);
    for await (const tensor of stream) tensors[tensor.name] = tensor;
    return { metadata: stream.metadata, tensors };
  }

  /**
   * Decodes tensor by tensor, each as soon as its bytes have arrived and its checksum is right.
   *
   * @returns What is known from the file's header, and the tensors to iterate over, once.
   * @throws ShvqError Here for what is wrong with the header, from the iteration for what comes after.
   */
  async stream(source: ByteSource, options: WeightsDecodeOptions = {}): Promise<WeightsStream> {
    const { onProgress, signal } = options;
    const limits = resolveLimits(this.#limits, options.limits);
    checkAborted(signal);
    const engine = await this.#engine.get();
    const input = openInput(source, limits.maxBytes, signal);
    try {
      const { metadata, count, tensors } = await openWeights(input, engine, limits, signal);
      const decoded = async function* () {
        try {
          let done = 0;
          for await (const tensor of tensors()) {
            yield tensor;
            onProgress?.(++done / count);
          }
        } finally {
          input.close();
        }
      };
      return {
        metadata,
        count,
        [Symbol.asyncIterator]: () => closing(decoded(), () => input.close()),
      };
    } catch (error) {
      input.close();
      throw error;
    }
  }
}
