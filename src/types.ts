import type { ShvqError } from './format/errors.js';
import type { DecoderModel, EncoderModel } from './model/layers.js';
import type { EngineBuild, Rect } from './runtime/engine.js';

/**
 * The types of the public API. Hosts' objects (AbortSignal, Blob, Response, streams, WebAssembly
 * modules) are described by their shape, so that these types need neither DOM nor Node.
 */

export type ColorSpace = 'srgb' | 'display-p3';

/** The part of an AbortSignal that is used. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The part of a ReadableStream of bytes that is used. */
export interface ReadableStreamLike {
  getReader(): {
    read(): Promise<{ done: boolean; value?: unknown }>;
    cancel(reason?: unknown): Promise<unknown>;
    releaseLock(): void;
  };
}

/** The part of a Blob or File that is used. */
export interface BlobLike {
  readonly size: number;
  stream(): ReadableStreamLike;
}

/** The part of a fetch Response that is used. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly body: ReadableStreamLike | null;
}

/** Bytes in memory: a buffer or any view of one. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

/** Whatever a file can be read from. */
export type ByteSource = Bytes | BlobLike | ResponseLike | ReadableStreamLike;

/**
 * Which engine runs, all with the same bits out: a build by name, or a WebAssembly.Module or its
 * bytes for hosts that may not fetch or compile. Left out: SIMD where the host has it, plain
 * WebAssembly otherwise, the TypeScript reference where compilation is forbidden.
 */
export type WasmOption = EngineBuild | WasmModule | Bytes;

/** A compiled WebAssembly.Module; TypeScript knows no more of it than that it is an object. */
export type WasmModule = object;

/** What a picture may cost. Checked before anything of that size is allocated. */
export interface Limits {
  /** Pixels of the picture; default 2^26. */
  maxPixels?: number | undefined;
  /** Bytes of the compressed file; default 2^28. */
  maxBytes?: number | undefined;
  /** Bytes of output and workspace together; default 2^30. */
  maxMemory?: number | undefined;
}

/** Metadata blocks, carried unchanged. */
export interface Metadata {
  /** ICC profile. */
  icc?: Uint8Array | undefined;
  /** Exif: the TIFF block, without the `Exif\0\0` of JPEG files. */
  exif?: Uint8Array | undefined;
  /** XMP packet, UTF-8. */
  xmp?: Uint8Array | undefined;
}

/** Anything shaped like ImageData: [height][width] of RGB or RGBA bytes. */
export interface ImageLike {
  readonly width: number;
  readonly height: number;
  /** width * height * 3 or * 4 bytes; alpha is straight, not premultiplied. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** 'srgb' if left out. */
  readonly colorSpace?: string;
}

interface RunOptions {
  /** Stops the work within a megapixel; the promise is then rejected with code ABORTED. */
  signal?: AbortSignalLike | undefined;
  /** Called with the part that is done, 0..1, now and then and at the end. */
  onProgress?: ((fraction: number) => void) | undefined;
  /** Overrides those of the decoder or encoder. */
  limits?: Limits | undefined;
}

export interface DecodeOptions extends RunOptions {
  /**
   * Decode this part only, in pixels of what is decoded (with a `scale`, of the smaller picture);
   * equals the crop of the whole. Only the tiles that it depends on are decoded.
   */
  region?: Rect | undefined;
  /**
   * 1/2, 1/4 or 1/8: a smaller picture, ceil(width * scale) x ceil(height * scale) pixels, each the
   * mean of a box. At 1/4 and 1/8 an approximation that takes the time of the entropy decoder
   * alone; docs/format.md, section 7.6. Default 1.
   */
  scale?: number | undefined;
  /**
   * Deliver what can be decoded of a damaged file: the errors are listed in the result, tiles that
   * are broken show the network's idea of nothing, broken alpha is opaque.
   */
  partial?: boolean | undefined;
}

/** What a decoded picture is, beside its pixels. */
export interface DecodedInfo extends Metadata {
  /** Pixels; the region's if one was asked for, fewer if a `scale` was. */
  readonly width: number;
  readonly height: number;
  readonly colorSpace: ColorSpace;
  /** 0..100, as the file was encoded. */
  readonly quality: number;
  readonly hasAlpha: boolean;
  /** Empty unless `partial` was asked for. */
  readonly errors: readonly ShvqError[];
}

export interface DecodedImage extends DecodedInfo {
  /** RGBA bytes, [height][width][4], straight alpha. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Rows of pixels, over the whole width of the picture or of the region that was asked for. */
export interface DecodedStrip {
  /** The first row, from the top of the picture or region. */
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** RGBA bytes, [height][width][4], straight alpha; memory of their own, the receiver's to keep. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * A picture whose rows are decoded as they are asked for. Iterate once, to the end, or break off, or
 * use a `signal`: until then a stream that it reads from stays locked.
 */
export interface DecodedRows extends DecodedInfo, AsyncIterable<DecodedStrip> {
  /** Grows while rows are decoded; empty unless `partial` was asked for. */
  readonly errors: readonly ShvqError[];
}

export interface EncodeOptions extends RunOptions, Metadata {
  /** Integer, 0..100; default 75. */
  quality?: number | undefined;
  /** In place of a quality: one whose file is not larger than this, where the next one's is. */
  targetBytes?: number | undefined;
  /**
   * How hard to search, 0..9: 0 takes the nearest centers, 1 chooses each symbol by rate and
   * distortion, from 2 on the picture is decoded and compared as often as docs/encoder.md says.
   * Default 4. The decoder does the same work for all of them.
   */
  effort?: number | undefined;
  /**
   * Tiles are 2^tileLog2 pixels square: 6..10. Default 10; 9 from effort 2 on where the picture has
   * more than 409,600 pixels, for a tile is searched as a whole.
   */
  tileLog2?: number | undefined;
}

/** What a file says of itself, known without model and without WebAssembly. */
export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  readonly quality: number;
  readonly colorSpace: ColorSpace;
  readonly hasAlpha: boolean;
  /** R = G = B everywhere, which the decoder keeps to the bit. */
  readonly isGrey: boolean;
  /** First four bytes of the model's id, 8 hex digits. */
  readonly modelId: string;
  readonly tiles: TileDirectory;
  readonly chunks: readonly ChunkEntry[];
  /** Bytes of the fixed header, which every tile's checksum covers. */
  readonly fixedBytes: number;
  /** Bytes of the fixed header, the directory and its check. */
  readonly headerBytes: number;
  /** Bytes of the whole file, as declared. */
  readonly fileBytes: number;
  /** Bytes that decoding the whole needs at most with a shipped model, on any engine. */
  readonly memory: { readonly output: number; readonly workspace: number };
}

/** Tiles in rows from the top, left to right. */
export interface TileDirectory {
  /** Side in pixels. */
  readonly size: number;
  readonly columns: number;
  readonly rows: number;
  readonly count: number;
  /** [count]. Byte offsets in the file. */
  readonly offsets: Float64Array;
  /** [count] */
  readonly lengths: Uint32Array;
  /** [count]. CRC-32C over the fixed header and the payload. */
  readonly checksums: Uint32Array;
}

export interface ChunkEntry {
  readonly type: number;
  readonly offset: number;
  readonly length: number;
  /** CRC-32C of the payload. */
  readonly checksum: number;
}

export interface DecoderSettings {
  wasm?: WasmOption | undefined;
  /** A model or the bytes of its .shvw; left out: the shipped model that the file names. */
  model?: DecoderModel | Bytes | undefined;
  limits?: Limits | undefined;
}

/** What a decoder or encoder runs on. */
export interface EngineInfo {
  readonly build: EngineBuild;
  /** 64 hex digits. */
  readonly modelId: string;
  readonly profile: string;
}

/**
 * Shares nothing with other decoders. Calls may overlap: those of `decode` and `decodeInto` run one
 * after the other, in the memory of one instance; each picture of `decodeRows` that is being
 * iterated over has memory of its own, so that none waits for another.
 */
export interface Decoder {
  /** Loads engine and model ahead of the first picture. */
  load(): Promise<EngineInfo>;
  /**
   * Decodes a .shv file.
   *
   * @throws ShvqError
   */
  decode(source: ByteSource, options?: DecodeOptions): Promise<DecodedImage>;
  /**
   * Decodes a .shv file into memory of the caller.
   *
   * @param target width * height * 4 bytes of RGBA, those of the region if one is asked for.
   * @throws ShvqError
   */
  decodeInto(
    source: ByteSource,
    target: Uint8Array | Uint8ClampedArray,
    options?: DecodeOptions,
  ): Promise<DecodedInfo>;
  /**
   * Decodes a .shv file row by row: rows come as soon as the bytes that they need have arrived, and
   * what is held of the picture is its symbols (half a byte a pixel) and a few rows.
   *
   * @returns What is known from the front of the file, and the rows to iterate over.
   * @throws ShvqError Here for what is wrong with the header, from the iteration for what comes after.
   * @example
   * const picture = await decodeRows(await fetch('photo.shv'));
   * const canvas = new OffscreenCanvas(picture.width, picture.height);
   * for await (const { y, width, height, data } of picture) {
   *   canvas.getContext('2d').putImageData(new ImageData(data, width, height), 0, y);
   * }
   */
  decodeRows(source: ByteSource, options?: DecodeOptions): Promise<DecodedRows>;
}

export interface EncoderSettings {
  wasm?: WasmOption | undefined;
  /** Name of a shipped profile; 'default' if neither this nor `model` is given. */
  profile?: string | undefined;
  /** Both parts of a profile, as models or as the bytes of their .shvw. */
  model?: { decoder: DecoderModel | Bytes; encoder: EncoderModel | Bytes } | undefined;
  limits?: Limits | undefined;
}

/** Shares nothing with other encoders. Overlapping calls run one after the other. */
export interface Encoder {
  /** Loads engine and models ahead of the first picture. */
  load(): Promise<EngineInfo>;
  /** @returns The bytes of a .shv file. @throws ShvqError */
  encode(image: ImageLike, options?: EncodeOptions): Promise<Uint8Array<ArrayBuffer>>;
}
