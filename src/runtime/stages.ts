import type { ConvLayer } from '../model/layers.js';
import type { Machine } from './machine.js';
import { padLength } from './pack.js';
import type { Plan } from './plan.js';

/**
 * The networks run row by row. A stage keeps the last rows of its input, makes a row of its output
 * as soon as it can, and writes it where the next stage wants it: nothing is computed twice, and
 * memory grows with the picture's width alone.
 */
export interface RowSink {
  /** Bytes from a position of a row to the next. */
  readonly stride: number;
  /** Forgets all rows. Comes before the first row of a run. */
  begin(machine: Machine): void;
  /** Address where the next row goes, [width][channels] of i16. */
  target(): number;
  /** The row has been written. */
  commit(): void;
  /** There are no more rows. */
  finish(): void;
}

/** Positions in a row, values a position. */
export interface RowShape {
  readonly width: number;
  readonly channels: number;
}

/** A convolution's parameters and where its packed weights and bias lie. */
export interface PlacedConv {
  readonly layer: ConvLayer;
  readonly weights: number;
  readonly bias: number;
}

/** Rows that a convolution of 3x3 reads at once. */
const RING = 3;

/** The last rows that a convolution reads, each with a position of zeros left and right. */
class RowRing {
  readonly #first: number;
  readonly #rowBytes: number;
  readonly #start: number;
  #count = 0;

  constructor(
    plan: Plan,
    private readonly size: number,
    width: number,
    bytes: number,
  ) {
    // Vectors at the end of a row of odd length may reach two bytes beyond.
    this.#rowBytes = Math.ceil(((width + 2) * bytes + 2) / 16) * 16;
    this.#start = plan.take((size + 1) * this.#rowBytes);
    this.#first = this.#start + bytes;
  }

  begin(machine: Machine): void {
    machine.clear(this.#start, (this.size + 1) * this.#rowBytes);
    this.#count = 0;
  }

  /** Rows committed. */
  get count(): number {
    return this.#count;
  }

  /** Address of position 0 of a row; rows before the first and after the last are zero. */
  at(row: number): number {
    const slot = row < 0 || row >= this.#count ? this.size : row % this.size;
    return this.#first + slot * this.#rowBytes;
  }

  target(): number {
    return this.#first + (this.#count % this.size) * this.#rowBytes;
  }

  commit(): void {
    this.#count++;
  }
}

/** When a convolution can make which row. */
abstract class ConvRows implements RowSink {
  abstract readonly stride: number;
  protected machine: Machine | undefined;
  protected readonly ring: RowRing;

  constructor(
    plan: Plan,
    protected readonly conv: PlacedConv,
    width: number,
    stride: number,
    protected readonly next: RowSink,
  ) {
    const { kernel } = conv.layer;
    this.ring = new RowRing(plan, kernel === 3 ? RING : 1, width, stride);
  }

  begin(machine: Machine): void {
    this.machine = machine;
    this.ring.begin(machine);
    this.next.begin(machine);
  }

  target(): number {
    return this.ring.target();
  }

  commit(): void {
    const { kernel, stride } = this.conv.layer;
    const row = this.ring.count;
    this.ring.commit();
    if (kernel === 1) this.#emit(row);
    else if (stride === 1) row >= 1 && this.#emit(row - 1);
    else if (row >= 2 && row % 2 === 0) this.#emit(row - 2);
  }

  finish(): void {
    const { kernel, stride } = this.conv.layer;
    const rows = this.ring.count;
    if (kernel === 3 && rows > 0) this.#emit(rows - stride);
    this.next.finish();
  }

  /** Makes the output row whose kernel stands at an input row. */
  #emit(row: number): void {
    this.run(row, this.next.target());
    this.next.commit();
  }

  protected abstract run(row: number, dst: number): void;
}

/** A convolution as a matrix product: 3x3 reads three segments of three positions each. */
export class ConvStage extends ConvRows {
  readonly stride: number;
  readonly #segments: number;
  readonly #outputWidth: number;

  constructor(plan: Plan, conv: PlacedConv, width: number, next: RowSink) {
    const stride = 2 * conv.layer.inputs;
    super(plan, conv, width, stride, next);
    this.stride = stride;
    this.#segments = plan.take(4 * RING);
    this.#outputWidth = width / conv.layer.stride;
  }

  /** Address of an input row, as long as the stage keeps it. */
  row(row: number): number {
    return this.ring.at(row);
  }

  protected run(row: number, dst: number): void {
    const { layer, weights, bias } = this.conv;
    const { inputs, kernel, max, min, outputs, shift, stride } = layer;
    const { kernels, memory } = this.machine!;
    const pad = kernel === 3 && stride === 1 ? 1 : 0;
    const segments = new Uint32Array(memory.buffer, this.#segments, kernel);
    for (let ky = 0; ky < kernel; ky++) {
      segments[ky] = this.ring.at(row + ky - pad) - pad * this.stride;
    }
    kernels.product(
      this.#segments,
      kernel,
      padLength(kernel * inputs),
      stride * this.stride,
      this.#outputWidth,
      weights,
      bias,
      outputs,
      dst,
      this.next.stride,
      shift,
      min,
      max,
    );
  }
}

/** A convolution that skips zeros, for rows of latents: every tap is a segment of its own. */
export class SparseConvStage extends ConvRows {
  readonly stride: number;
  readonly #segments: number;
  readonly #outputWidth: number;
  readonly #listStride: number;
  readonly #lists: RowRing;

  constructor(
    plan: Plan,
    conv: PlacedConv,
    private readonly width: number,
    next: RowSink,
  ) {
    const { inputs, kernel } = conv.layer;
    const stride = 2 * padLength(inputs);
    super(plan, conv, width, stride, next);
    this.stride = stride;
    this.#segments = plan.take(8 * kernel * kernel);
    this.#outputWidth = width / conv.layer.stride;
    this.#listStride = 2 + padLength(inputs);
    this.#lists = new RowRing(plan, kernel === 3 ? RING : 1, width, this.#listStride);
  }

  override begin(machine: Machine): void {
    this.#lists.begin(machine);
    super.begin(machine);
  }

  override commit(): void {
    this.machine!.kernels.listPairs(
      this.target(),
      this.stride,
      this.stride >> 2,
      this.width,
      this.#lists.target(),
      this.#listStride,
    );
    this.#lists.commit();
    super.commit();
  }

  protected run(row: number, dst: number): void {
    const { layer, weights, bias } = this.conv;
    const { kernel, max, min, outputs, shift, stride } = layer;
    const { kernels, memory } = this.machine!;
    const pad = kernel === 3 && stride === 1 ? 1 : 0;
    const segments = new Uint32Array(memory.buffer, this.#segments, 2 * kernel * kernel);
    let at = 0;
    for (let ky = 0; ky < kernel; ky++) {
      for (let kx = 0; kx < kernel; kx++) {
        segments[at++] = this.ring.at(row + ky - pad) + (kx - pad) * this.stride;
        segments[at++] = this.#lists.at(row + ky - pad) + (kx - pad) * this.#listStride;
      }
    }
    kernels.sparseProduct(
      this.#segments,
      kernel * kernel,
      this.stride >> 2,
      stride * this.stride,
      stride * this.#listStride,
      this.#outputWidth,
      weights,
      bias,
      outputs,
      dst,
      this.next.stride,
      shift,
      min,
      max,
    );
  }
}

/** Adds the input of a residual to what its second convolution has made. */
export class AddStage implements RowSink {
  readonly stride: number;
  /** Where the residual's input rows are kept; the first convolution comes into being later. */
  input: ConvStage | undefined;
  #row = 0;
  #machine: Machine | undefined;

  constructor(
    private readonly shape: RowShape,
    private readonly min: number,
    private readonly max: number,
    private readonly next: RowSink,
  ) {
    this.stride = next.stride;
  }

  begin(machine: Machine): void {
    this.#machine = machine;
    this.#row = 0;
    this.next.begin(machine);
  }

  target(): number {
    return this.next.target();
  }

  commit(): void {
    const { width, channels } = this.shape;
    const x = this.input!.row(this.#row++);
    this.#machine!.kernels.addRow(x, this.target(), width * channels, this.min, this.max);
    this.next.commit();
  }

  finish(): void {
    this.next.finish();
  }
}

/** spaceToDepth: `block` rows make one. */
export class SpaceToDepthStage implements RowSink {
  readonly stride: number;
  readonly #row: number;
  #count = 0;
  #machine: Machine | undefined;

  constructor(
    plan: Plan,
    private readonly block: number,
    private readonly shape: RowShape,
    private readonly next: RowSink,
  ) {
    this.stride = 2 * shape.channels;
    this.#row = plan.take(shape.width * this.stride);
  }

  begin(machine: Machine): void {
    this.#machine = machine;
    this.#count = 0;
    this.next.begin(machine);
  }

  target(): number {
    return this.#row;
  }

  commit(): void {
    const { block } = this;
    const bytes = block * this.stride;
    const dy = this.#count++ % block;
    const to = this.next.target() + dy * bytes;
    const chunks = this.shape.width / block;
    this.#machine!.kernels.copyChunks(this.#row, bytes, to, this.next.stride, bytes, chunks);
    if (dy === block - 1) this.next.commit();
  }

  finish(): void {
    this.next.finish();
  }
}

/** depthToSpace: a row makes `block` of them. */
export class DepthToSpaceStage implements RowSink {
  readonly stride: number;
  readonly #row: number;
  #machine: Machine | undefined;

  constructor(
    plan: Plan,
    private readonly block: number,
    private readonly shape: RowShape,
    private readonly next: RowSink,
  ) {
    this.stride = 2 * shape.channels;
    this.#row = plan.take(shape.width * this.stride);
  }

  begin(machine: Machine): void {
    this.#machine = machine;
    this.next.begin(machine);
  }

  target(): number {
    return this.#row;
  }

  commit(): void {
    const { block, stride } = this;
    const bytes = stride / block;
    for (let dy = 0; dy < block; dy++) {
      const from = this.#row + dy * bytes;
      const to = this.next.target();
      this.#machine!.kernels.copyChunks(from, stride, to, bytes, bytes, this.shape.width);
      this.next.commit();
    }
  }

  finish(): void {
    this.next.finish();
  }
}
