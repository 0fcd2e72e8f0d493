import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createDecoder, readHeader } from '../decode.js';
import { createEncoder } from '../encode.js';
import { IMAGE_MAGIC } from '../format/constants.js';
import type { EngineBuild } from '../runtime/engine.js';
import type { Decoder, Encoder } from '../types.js';
import { MSSSIM_SIDE_MIN, msssim, msssimDecibels } from './metrics/msssim.js';
import type { Pixels } from './metrics/pixels.js';
import { psnr } from './metrics/psnr.js';
import { encodePng } from './png.js';
import { readSource } from './source.js';

/** What decodes: left out, the best build and the shipped model that a file names. */
export interface Engine {
  build?: EngineBuild;
  /** Paths of .shvw files. */
  decoder?: string;
  encoder?: string;
}

/** One file's work, as it travels to a worker thread. */
export type Task = (
  | {
      command: 'encode';
      input: string;
      output: string;
      quality?: number;
      bytes?: number;
      effort?: number;
      profile?: string;
      metadata: boolean;
    }
  | { command: 'decode'; input: string; output: string; scale?: number }
  | { command: 'info'; input: string }
  | { command: 'verify'; input: string; expected?: string; scale?: number }
  | { command: 'compare'; original: string; input: string }
) & { engine: Engine };

/** What --json prints; `file` is the input. */
export type Report = { file: string } & Record<string, unknown>;

export interface TaskResult {
  report: Report;
  /** What is printed without --json. */
  text: string;
  /** A file to write. */
  output?: { path: string; data: Uint8Array };
  /** The pixels are not those that were expected. */
  mismatch?: boolean;
}

export type Progress = (fraction: number) => void;

/** Runs tasks of one command line, one after the other, and keeps decoder and encoder between. */
export class TaskRunner {
  #decoder: Promise<Decoder> | undefined;
  #encoder: Promise<Encoder> | undefined;

  async run(task: Task, onProgress: Progress): Promise<TaskResult> {
    switch (task.command) {
      case 'encode':
        return this.#encode(task, onProgress);
      case 'decode':
        return this.#decode(task, onProgress);
      case 'info':
        return info(task.input);
      case 'verify':
        return this.#verify(task, onProgress);
      case 'compare':
        return this.#compare(task);
    }
  }

  #openDecoder({ engine }: Task): Promise<Decoder> {
    this.#decoder ??= openDecoder(engine);
    return this.#decoder;
  }

  #openEncoder({ engine, profile }: Task & { command: 'encode' }): Promise<Encoder> {
    this.#encoder ??= openEncoder(engine, profile);
    return this.#encoder;
  }

  async #encode(task: Task & { command: 'encode' }, onProgress: Progress): Promise<TaskResult> {
    const { metadata, ...image } = await readSource(await readFile(task.input), task.metadata);
    const encoder = await this.#openEncoder(task);
    await encoder.load();
    const start = performance.now();
    const data = await encoder.encode(image, {
      ...metadata,
      ...(task.quality !== undefined && { quality: task.quality }),
      ...(task.bytes !== undefined && { targetBytes: task.bytes }),
      ...(task.effort !== undefined && { effort: task.effort }),
      onProgress,
    });
    const milliseconds = Math.round(performance.now() - start);
    const header = readHeader(data);
    const bpp = bitsPerPixel(data, header);
    return {
      report: {
        file: task.input,
        output: task.output,
        width: header.width,
        height: header.height,
        bytes: data.length,
        bpp,
        quality: header.quality,
        milliseconds,
      },
      text: `${task.input} -> ${task.output}: ${data.length} bytes, ${bpp.toFixed(3)} bpp, quality ${header.quality}, ${milliseconds} ms`,
      output: { path: task.output, data },
    };
  }

  async #decode(task: Task & { command: 'decode' }, onProgress: Progress): Promise<TaskResult> {
    const decoder = await this.#openDecoder(task);
    await decoder.load();
    const bytes = await readFile(task.input);
    const start = performance.now();
    const image = await decoder.decode(bytes, { onProgress, scale: task.scale });
    const milliseconds = Math.round(performance.now() - start);
    const { width, height } = image;
    return {
      report: { file: task.input, output: task.output, width, height, milliseconds },
      text: `${task.input} -> ${task.output}: ${width}x${height}, ${milliseconds} ms`,
      output: { path: task.output, data: encodePng(image) },
    };
  }

  async #verify(task: Task & { command: 'verify' }, onProgress: Progress): Promise<TaskResult> {
    const { input, expected } = task;
    const image = await (await this.#openDecoder(task)).decode(await readFile(input), {
      onProgress,
      scale: task.scale,
    });
    const sha256 = createHash('sha256').update(image.data).digest('hex');
    const report = { file: input, width: image.width, height: image.height, sha256 };
    if (expected === undefined) return { report, text: `${sha256}  ${input}` };
    const matches = sha256 === expected;
    return {
      report: { ...report, expected, matches },
      text: matches ? `${input}: OK` : `${input}: FAILED, ${sha256} in place of ${expected}`,
      mismatch: !matches,
    };
  }

  async #compare(task: Task & { command: 'compare' }): Promise<TaskResult> {
    const { original, input } = task;
    const bytes = await readFile(input);
    const a = await this.#pixels(await readFile(original), task);
    const b = await this.#pixels(bytes, task);
    const bpp = bitsPerPixel(bytes, b);
    const decibels = psnr(a, b);
    const tooSmall = Math.min(b.width, b.height) < MSSSIM_SIDE_MIN;
    const similarity = tooSmall ? undefined : msssim(a, b);
    const inDecibels = similarity === undefined ? undefined : msssimDecibels(similarity);
    return {
      report: {
        file: input,
        original,
        width: b.width,
        height: b.height,
        bytes: bytes.length,
        bpp,
        psnr: finite(decibels),
        msssim: similarity ?? null,
        msssimDb: finite(inDecibels),
      },
      text: [
        `${input}: ${bytes.length} bytes, ${bpp.toFixed(4)} bpp`,
        `PSNR    ${decibels.toFixed(3)} dB`,
        similarity === undefined
          ? `MS-SSIM needs sides of at least ${MSSSIM_SIDE_MIN} pixels`
          : `MS-SSIM ${similarity.toFixed(5)} (${inDecibels!.toFixed(3)} dB)`,
      ].join('\n'),
    };
  }

  /** Of a .shv, or of any other picture. */
  async #pixels(bytes: Uint8Array, task: Task): Promise<Pixels> {
    if (!isShv(bytes)) return readSource(bytes, false);
    return (await this.#openDecoder(task)).decode(bytes);
  }
}

async function openDecoder({ build, decoder }: Engine): Promise<Decoder> {
  return createDecoder({
    ...(build && { wasm: build }),
    ...(decoder !== undefined && { model: await readFile(decoder) }),
  });
}

async function openEncoder(
  { build, decoder, encoder }: Engine,
  profile: string | undefined,
): Promise<Encoder> {
  return createEncoder({
    ...(build && { wasm: build }),
    ...(profile !== undefined && { profile }),
    ...(decoder !== undefined &&
      encoder !== undefined && {
        model: { decoder: await readFile(decoder), encoder: await readFile(encoder) },
      }),
  });
}

async function info(input: string): Promise<TaskResult> {
  const bytes = await readFile(input);
  const header = readHeader(bytes);
  const bpp = bitsPerPixel(bytes, header);
  const { tiles, memory } = header;
  const chunks = header.chunks.map(({ type, length }) => ({
    name: CHUNK_NAMES[type],
    type,
    length,
  }));
  return {
    report: {
      file: input,
      bytes: bytes.length,
      bpp,
      width: header.width,
      height: header.height,
      quality: header.quality,
      colorSpace: header.colorSpace,
      hasAlpha: header.hasAlpha,
      isGrey: header.isGrey,
      modelId: header.modelId,
      headerBytes: header.headerBytes,
      tiles: { size: tiles.size, columns: tiles.columns, rows: tiles.rows },
      chunks,
      memory,
    },
    text: [
      `${input}: ${bytes.length} bytes, ${bpp.toFixed(4)} bpp`,
      `  size     ${header.width}x${header.height}, ${header.colorSpace}${header.isGrey ? ', grey' : ''}${header.hasAlpha ? ', alpha' : ''}`,
      `  quality  ${header.quality}, model ${header.modelId}`,
      `  tiles    ${tiles.columns}x${tiles.rows} of ${tiles.size} pixels`,
      ...chunks.map(
        (chunk) => `  chunk    ${chunk.name ?? `type ${chunk.type}`}, ${chunk.length} bytes`,
      ),
      `  memory   ${megabytes(memory.output)} for the pixels, at most ${megabytes(memory.workspace)} beside`,
    ].join('\n'),
  };
}

const CHUNK_NAMES: Record<number, string> = { 1: 'alpha', 2: 'ICC profile', 4: 'Exif', 6: 'XMP' };

function isShv(bytes: Uint8Array): boolean {
  return IMAGE_MAGIC.every((byte, i) => bytes[i] === byte);
}

function bitsPerPixel(file: Uint8Array, size: { width: number; height: number }): number {
  return (file.length * 8) / (size.width * size.height);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** JSON knows no Infinity. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
