import { ShvqError } from '../../format/errors.js';
import { growMemory, newMemory } from '../../runtime/wasm-memory.js';
import { CONTEXTS } from '../coder/contexts.js';
import type { SequenceParameters } from '../coder/parameters.js';
import type { CodeReader, WeightsEngine } from './engine.js';

/** The exports of assembly/weights/index.ts; see there. */
interface Kernels {
  startModels(): void;
  startCode(from: number, to: number): number;
  decodeSequence(
    values: number,
    count: number,
    columns: number,
    columnCount: number,
    lags: number,
    lagCount: number,
    taps: number,
    x: number,
    period: number,
    rate: number,
    shift: number,
    scale: number,
  ): void;
  decodeIndices(values: number, count: number, columns: number, columnCount: number): void;
  decodePlanes(elements: number, count: number, width: number, raw: number): void;
}

/** What lies below is the kernels': assembly/weights/layout.ts. */
const HEAP = 2048 + CONTEXTS * 4;
/** Lags are padded to a whole number of vectors. */
const LANES = 4;

function align(address: number): number {
  return Math.ceil(address / 16) * 16;
}

class WasmReader implements CodeReader {
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  /** Behind the block's arithmetic code. */
  #free = align(HEAP);

  constructor(module: WebAssembly.Module) {
    this.#memory = newMemory(this.#free);
    try {
      const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
      this.#kernels = instance.exports as unknown as Kernels;
      this.#kernels.startModels();
    } catch (cause) {
      throw new ShvqError('BAD_INPUT', 'The module is no decoder of weights', { cause });
    }
  }

  /** Makes the memory at least so large; views made before may be detached. */
  #reserve(bytes: number): void {
    growMemory(this.#memory, bytes);
  }

  #words(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  resume(code: Uint8Array): void {
    const from = align(HEAP);
    const to = from + code.length;
    this.#free = align(to);
    this.#reserve(this.#free);
    new Uint8Array(this.#memory.buffer, from, code.length).set(code);
    if (this.#kernels.startCode(from, to)) return;
    throw new ShvqError('CORRUPT', 'The arithmetic code is invalid');
  }

  sequence(count: number, parameters: SequenceParameters): Int32Array {
    const { lags, period, rate, row, scale, shift } = parameters;
    const columnCount = Math.ceil(row / period);
    const lagCount = Math.ceil(lags.length / LANES) * LANES;
    const reached = lags.map((lag) => (lag < count ? lag : 0));
    const lagsAt = this.#free;
    const x = lagsAt + 4 * lagCount;
    const taps = x + 4 * lagCount;
    const columns = align(taps + 4 * lagCount * period);
    // The kernel looks back as far from the first value as from any.
    const values = align(Math.max(columns + 4 * columnCount, 4 * Math.max(0, ...reached)));
    this.#reserve(values + 4 * count);
    const padded = this.#words(lagsAt, lagCount);
    padded.fill(0);
    padded.set(reached);
    this.#words(taps, lagCount * period).fill(0);
    this.#words(columns, columnCount).fill(-1);
    this.#kernels.decodeSequence(
      ...([values, count, columns, columnCount, lagsAt, lagCount, taps, x] as const),
      ...([period, rate, shift, scale] as const),
    );
    return this.#words(values, count);
  }

  indices(count: number, row: number): Int32Array {
    const columns = this.#free;
    const values = align(columns + 4 * row);
    this.#reserve(values + 4 * count);
    this.#words(columns, row).fill(-1);
    this.#kernels.decodeIndices(values, count, columns, row);
    return this.#words(values, count);
  }

  planes(elements: Uint8Array, width: number, raw: number): void {
    const at = this.#free;
    this.#reserve(at + elements.length);
    this.#kernels.decodePlanes(at, elements.length / width, width, raw);
    // The bytes that are stored and not coded are the caller's.
    const coded = new Uint8Array(this.#memory.buffer, at, elements.length);
    if (raw === 0) elements.set(coded);
    else {
      for (let i = 0; i < elements.length; i += width) {
        for (let plane = raw; plane < width; plane++) elements[i + plane] = coded[i + plane]!;
      }
    }
  }
}

/** The engine of a compiled module; every file gets an instance of its own. */
export function wasmEngine(build: 'simd' | 'plain', module: WebAssembly.Module): WeightsEngine {
  return { build, open: () => new WasmReader(module) };
}
