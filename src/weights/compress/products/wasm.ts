import { ShvqError } from '../../../format/errors.js';
import { growMemory, newMemory } from '../../../runtime/wasm-memory.js';
import { LANES, mirrorLower, PIECE, type ProductEngine, type Rows } from './engine.js';

/** The export of assembly/products/index.ts; see there. */
interface Kernels {
  addProducts(
    a: number,
    aRows: number,
    b: number,
    bRows: number,
    length: number,
    sums: number,
    lower: number,
  ): void;
}

/** Rows of the left matrix that the kernel takes at once; also a whole number of the right one's. */
const BLOCK = 4;
/** What lies below is the kernels'. */
const HEAP = 1024;

const toBlocks = (rows: number): number => Math.ceil(rows / BLOCK) * BLOCK;

/**
 * Copies a piece of each row, one behind the other.
 *
 * @param into [rows][length], length at least the count; what lies beyond is set to zero.
 */
function pack({ data, length, rows }: Rows, start: number, into: Float32Array, padded: number) {
  const count = Math.min(PIECE, length - start);
  if (count < padded) into.fill(0);
  for (let r = 0; r < rows; r++) {
    const from = r * length + start;
    into.set(data.subarray(from, from + count), r * padded);
  }
}

class WasmProducts implements ProductEngine {
  readonly #memory = newMemory(HEAP);
  readonly #kernels: Kernels;

  constructor(
    readonly build: 'simd' | 'plain',
    module: WebAssembly.Module,
  ) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    if (!('addProducts' in exports)) {
      throw new ShvqError('BAD_INPUT', 'The module multiplies no matrices');
    }
    this.#kernels = exports as unknown as Kernels;
  }

  multiply(a: Rows, b: Rows = a): Float64Array {
    const lower = a === b;
    const aRows = toBlocks(a.rows);
    const bRows = toBlocks(b.rows);
    const atA = HEAP;
    const atB = lower ? atA : atA + 4 * PIECE * aRows;
    const atSums = atB + 4 * PIECE * bRows;
    growMemory(this.#memory, atSums + 8 * aRows * bRows);
    const { buffer } = this.#memory;
    const sums = new Float64Array(buffer, atSums, aRows * bRows);
    sums.fill(0);
    // Rows that fill the last block up are zero.
    new Float32Array(buffer, atA, (atSums - atA) / 4).fill(0);
    for (let start = 0; start < a.length; start += PIECE) {
      const padded = Math.ceil(Math.min(PIECE, a.length - start) / LANES) * LANES;
      pack(a, start, new Float32Array(buffer, atA, aRows * padded), padded);
      if (!lower) pack(b, start, new Float32Array(buffer, atB, bRows * padded), padded);
      this.#kernels.addProducts(atA, aRows, atB, bRows, padded, atSums, lower ? 1 : 0);
    }
    const out = new Float64Array(a.rows * b.rows);
    for (let i = 0; i < a.rows; i++) {
      out.set(sums.subarray(i * bRows, i * bRows + b.rows), i * b.rows);
    }
    if (lower) mirrorLower(out, a.rows);
    return out;
  }
}

/** The engine of a compiled module. */
export function wasmProducts(build: 'simd' | 'plain', module: WebAssembly.Module): ProductEngine {
  return new WasmProducts(build, module);
}
