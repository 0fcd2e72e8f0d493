/**
 * Every constant of the .shv and .shvw formats; `docs/format.md` explains them section by section.
 */

/** "SHV" and the version byte that follows it. */
export const IMAGE_MAGIC = [0x53, 0x48, 0x56] as const;
export const IMAGE_VERSION = 1;
/** "SHW" and the version byte that follows it. */
export const MODEL_MAGIC = [0x53, 0x48, 0x57] as const;

/** First bytes of a WebAssembly module: NUL, `asm`. */
export const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d] as const;
export const MODEL_VERSION = 0;
/** The version of compressed weights: docs/weights-format.md. */
export const WEIGHTS_VERSION = 1;
/** Bytes of the model's SHA-256 that an image file carries. */
export const MODEL_ID_BYTES = 4;

/** Tiles are 2^(TILE_LOG2_MIN + t) pixels square, t in 0..4. */
export const TILE_LOG2_MIN = 6;
export const TILE_LOG2_MAX = 10;
export const TILE_LOG2_DEFAULT = 10;

/** Bits of the flags: the directory lists chunks; the picture is grey. */
export const FLAG_CHUNKS = 1;
export const FLAG_GREY = 64;

export const QUALITY_MAX = 100;

/** Types of chunks in the directory; even types may be skipped by a decoder that lacks them. */
export const CHUNK = { alpha: 1, icc: 2, exif: 4, xmp: 6 } as const;

/** A file lists at most this many chunks. */
export const CHUNKS_MAX = 64;

export const COLOR_SPACES = ['srgb', 'display-p3'] as const;

/** Fraction bits of a latent value, of a center and of a mean in quantizer units. */
export const LATENT_BITS = 10;
/** Fraction bits of a gain as an integer. */
export const GAIN_BITS = 8;
/** Gains are integers in units of 1/256 octave within these bounds. */
export const GAIN_EXPONENT_MIN = -1024;
export const GAIN_EXPONENT_MAX = 1535;
/** Fraction bits of a synthesized grey level. */
export const PIXEL_BITS = 6;

/** Cumulative counts add up to 2^COUNT_BITS. */
export const COUNT_BITS = 20;
/** The largest codebook of the context-coded profiles: every cell keeps at least one count. */
export const CENTERS_MAX = 63;
/** Encoders keep vectors and centers within +-VECTOR_MAX, so that squared distances fit in 32 bits. */
export const VECTOR_MAX = 8191;
/** Largest dimension of a vector: encoders add one element, and 16 squares of differences fit. */
export const DIMENSION_MAX = 15;
/** The largest codebook of vectors. */
export const VECTORS_MAX = 4096;
/** A histogram's logits are clamped to +-LOGIT_MAX, units of 1/8: within the table LOGISTIC. */
export const LOGIT_MAX = 111;
/** Number of scales of the logistic distribution, 1/4 octave apart from 2^-6.5 on. */
export const SCALE_COUNT = 64;

/** (dx, dy) of the context model's causal taps: W, WW, NW, N, NE, NN. */
export const CONTEXT_TAPS = [
  [-1, 0],
  [-2, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
  [0, -2],
] as const;
