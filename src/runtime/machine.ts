import { ShvqError } from '../format/errors.js';
import type { TileKernels } from './tiles.js';
import { growMemory, newMemory } from './wasm-memory.js';

/** The kernels' exports: assembly/index.ts. Numbers are addresses and counts; see there. */
export interface Kernels extends TileKernels {
  product(
    segments: number,
    count: number,
    length: number,
    stride: number,
    rows: number,
    weights: number,
    bias: number,
    outputs: number,
    dst: number,
    dstStride: number,
    shift: number,
    low: number,
    high: number,
  ): void;
  listPairs(
    values: number,
    stride: number,
    pairs: number,
    count: number,
    lists: number,
    listStride: number,
  ): number;
  sparseProduct(
    segments: number,
    count: number,
    pairs: number,
    stride: number,
    listStride: number,
    rows: number,
    weights: number,
    bias: number,
    outputs: number,
    dst: number,
    dstStride: number,
    shift: number,
    low: number,
    high: number,
  ): void;
  expandSymbols(
    symbols: number,
    positions: number,
    channels: number,
    values: number,
    size: number,
    dst: number,
    stride: number,
  ): void;
  copyChunks(
    src: number,
    srcStride: number,
    dst: number,
    dstStride: number,
    bytes: number,
    count: number,
  ): void;
  addRow(src: number, dst: number, count: number, low: number, high: number): void;
  assignVectors(
    vectors: number,
    count: number,
    pairs: number,
    centers: number,
    blocks: number,
    symbols: number,
  ): void;
  windowSums(src: number, width: number, rows: number, dst: number): void;
  readPixels(pixels: number, step: number, count: number, dst: number, total: number): void;
  writePixels(
    trunk: number,
    chunk: number,
    chunkStride: number,
    shortcut: number,
    chunk2: number,
    chunkStride2: number,
    pixels: number,
    dst: number,
  ): void;
}

/** An instance of the kernels with its memory. */
export class Machine {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;

  /**
   * @param module A build of the kernels.
   * @param bytes Memory to start with.
   * @throws ShvqError ENVIRONMENT where the host refuses the memory, BAD_INPUT for another module.
   */
  constructor(module: WebAssembly.Module, bytes: number) {
    this.memory = newMemory(bytes);
    try {
      const instance = new WebAssembly.Instance(module, { env: { memory: this.memory } });
      this.kernels = instance.exports as unknown as Kernels;
    } catch (cause) {
      throw new ShvqError('BAD_INPUT', 'The module is no build of the kernels', { cause });
    }
    if (typeof this.kernels.writePixels !== 'function') {
      throw new ShvqError('BAD_INPUT', 'The module is no build of the kernels');
    }
  }

  /** Bytes of memory. */
  get size(): number {
    return this.memory.buffer.byteLength;
  }

  /** Makes the memory at least so many bytes; views made before may be detached. */
  reserve(bytes: number): void {
    growMemory(this.memory, bytes);
  }

  /** A view of memory, valid until it grows. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  write(
    address: number,
    values: Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array,
  ): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.bytes(address, bytes.length).set(bytes);
  }

  clear(address: number, length: number): void {
    this.bytes(address, length).fill(0);
  }
}
