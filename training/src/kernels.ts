import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What training/assembly exports; addresses in bytes. */
interface Exports {
  msssimScratch(width: number, height: number): number;
  msssimMeans(
    a: number,
    b: number,
    channel: number,
    width: number,
    height: number,
    taps: number,
    scratch: number,
    means: number,
  ): void;
  msssimGradient(
    channel: number,
    width: number,
    height: number,
    taps: number,
    scratch: number,
    factors: number,
    gradient: number,
  ): void;
  assign(
    z: number,
    count: number,
    centers: number,
    boundaries: number,
    boundaryCount: number,
    sigma: number,
    nearest: number,
    phi: number,
  ): void;
  quantize(
    z: number,
    count: number,
    centers: number,
    sigma: number,
    nearest: number,
    phi: number,
    soft: number,
    slopes: number,
  ): void;
  softBits(
    z: number,
    mean: number,
    logScale: number,
    count: number,
    centers: number,
    boundaries: number,
    sigma: number,
    nearest: number,
    phi: number,
    bits: number,
    slopes: number,
  ): void;
  scatter(
    gradient: number,
    count: number,
    nearest: number,
    slopes: number,
    width: number,
    sums: number,
  ): void;
  sumOfSquares(v: number, count: number): number;
  accumulate(momentum: number, gradient: number, count: number, scale: number, keep: number): void;
  follow(values: number, target: number, count: number, share: number): void;
  move(values: number, direction: number, count: number, rate: number): void;
}

const PAGE = 65536;
const FIRST = 1024;

function load() {
  const path = fileURLToPath(new URL('../build/kernels.wasm', import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build`);
  const memory = new WebAssembly.Memory({ initial: 256 });
  const module = new WebAssembly.Module(readFileSync(path));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { memory, kernels: exports as unknown as Exports };
}

const { memory, kernels } = load();

/**
 * The kernels, with room for the data of one call. Everything is copied in and out, so nothing
 * outlives the scratch; two must not be used in turn.
 *
 * ```ts
 * const scratch = new Scratch();
 * const z = scratch.put(values);
 * const out = scratch.reserve(4 * count);
 * scratch.kernels.assign(z, ...);
 * const result = scratch.floats(out, count);
 * ```
 */
export class Scratch {
  readonly kernels = kernels;
  private end = FIRST;

  /** Address of so many bytes, not cleared, and room for one vector more. */
  reserve(bytes: number): number {
    const at = this.end;
    this.end = (at + bytes + 31) & ~15;
    const missing = this.end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  /** Address of a copy. */
  put(values: Float32Array | Int32Array | Float64Array): number {
    const at = this.reserve(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(memory.buffer, at).set(bytes);
    return at;
  }

  /** Copies f32 from an address to an array. */
  take(at: number, to: Float32Array): void {
    to.set(new Float32Array(memory.buffer, at, to.length));
  }

  /** A copy of f32 [count] at an address. */
  floats(at: number, count: number): Float32Array {
    return new Float32Array(memory.buffer, at, count).slice();
  }

  doubles(at: number, count: number): Float64Array {
    return new Float64Array(memory.buffer, at, count).slice();
  }

  integers(at: number, count: number): Int32Array {
    return new Int32Array(memory.buffer, at, count).slice();
  }
}
