export const CODEC_NAMES = ['shvq', 'avif', 'webp', 'jpeg'] as const;
export type CodecName = (typeof CODEC_NAMES)[number];

export const CODEC_LABELS: Record<CodecName, string> = {
  shvq: 'shvq',
  avif: 'AVIF',
  webp: 'WebP',
  jpeg: 'JPEG',
};

/** RGBA bytes, [height][width][4]. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** How near a decoded picture is to its source. */
export interface Fidelity {
  /** dB */
  readonly psnr: number;
  /** 0..1, or undefined where a side is too short for five scales. */
  readonly msssim: number | undefined;
}

/** A picture through one codec and back. */
export interface Encoded {
  readonly codec: CodecName;
  /** The codec's own quality setting. */
  readonly quality: number;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly decoded: Raster;
  readonly encodeMs: number;
  readonly decodeMs: number;
  readonly fidelity: Fidelity;
  /** SHA-256 of the decoded RGBA bytes, hex. */
  readonly sha256: string;
}
