import { type Plane, padRow, WINDOW_REACH } from '../search/blur.js';
import type { Machine } from './machine.js';
import type { Plan } from './plan.js';

/** Room for a band of rows. */
const BAND_BYTES = 1 << 18;

/** The kernel `windowSums` on planes of the host's, a band of rows at a time. */
export class WindowSums {
  readonly #input: number;
  readonly #output: number;
  readonly #inputBytes: number;

  /** @param width Of the widest plane. */
  constructor(plan: Plan, width: number) {
    const rowBytes = 4 * (width + 2 * WINDOW_REACH);
    this.#inputBytes = Math.max((2 * WINDOW_REACH + 1) * rowBytes, BAND_BYTES);
    this.#input = plan.take(this.#inputBytes);
    this.#output = plan.take(this.#inputBytes);
  }

  /** What src/search/blur.ts says. */
  run(machine: Machine, { data, height, width }: Plane, sums: Int32Array): void {
    const padded = new Int32Array(width + 2 * WINDOW_REACH);
    const band = Math.floor(this.#inputBytes / padded.byteLength) - 2 * WINDOW_REACH;
    for (let top = 0; top < height; top += band) {
      const rows = Math.min(band, height - top);
      for (let i = 0; i < rows + 2 * WINDOW_REACH; i++) {
        const y = Math.min(Math.max(top + i - WINDOW_REACH, 0), height - 1);
        padRow(padded, data.subarray(y * width, (y + 1) * width));
        machine.write(this.#input + i * padded.byteLength, padded);
      }
      machine.kernels.windowSums(this.#input, width, rows, this.#output);
      sums.set(new Int32Array(machine.memory.buffer, this.#output, rows * width), top * width);
    }
  }
}
