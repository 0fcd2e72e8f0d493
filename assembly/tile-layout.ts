/**
 * Byte offsets of what the host and the tile kernels share in memory; read by both, as AssemblyScript
 * and as TypeScript. Every field is 32 bits wide unless it says otherwise.
 */

/** The state of an arithmetic coder. Decoder: range, code, position, end. */
export const CODER_RANGE = 0;
export const CODER_CODE = 4;
/** Address of the next byte to read or write. */
export const CODER_POSITION = 8;
/** Address after the last byte that may be read or written. */
export const CODER_END = 12;
/** Encoder: 64 bits, the low end of the interval, below 2^33. */
export const CODER_LOW = 16;
/** Encoder: the byte that a carry may still reach; -1 before the first. */
export const CODER_HELD = 24;
/** Encoder: how many bytes 0xFF follow the held one. */
export const CODER_PENDING = 28;
/** Encoder: 1 once a byte found no room. */
export const CODER_OVERFLOW = 32;

/** A tile's job starts with the state of its coder. Geometry, in latent positions: */
export const JOB_WIDTH = 40;
export const JOB_HEIGHT = 44;
/** The wave to code next. */
export const JOB_WAVE = 48;
/** Address of the tile's first symbol (decoder, bytes) or latent (encoder, i16). */
export const JOB_PLANE = 52;
/** Bytes from a row of the plane to the next. */
export const JOB_PLANE_STRIDE = 56;

/** The model's shape. */
export const JOB_CHANNELS = 60;
export const JOB_GROUP_SIZE = 64;
export const JOB_GROUPS = 68;
/** Number of centers. */
export const JOB_SIZE = 72;

/** Ring of the last WAVES_KEPT waves. A row: the taps' outputs, the dequantized latent, its list. */
export const JOB_RING = 76;
export const JOB_ROW_BYTES = 80;
export const JOB_SLOT_BYTES = 84;
/** Offset of the latent in a row. */
export const JOB_LATENT = 88;
/** Rows [positions of a wave] of a group's hidden outputs, and of its means and log-scales. */
export const JOB_HIDDEN = 92;
export const JOB_HIDDEN_BYTES = 96;
export const JOB_PARAMETERS = 100;
export const JOB_PARAMETERS_BYTES = 104;
/** Room for the addresses of the taps' segments. */
export const JOB_SEGMENTS = 108;

/** The model's layers: packed weights and biases. */
export const JOB_TAPS_WEIGHTS = 112;
export const JOB_TAPS_BIAS = 116;
export const JOB_TAPS_OUTPUTS = 120;
export const JOB_TAPS_SHIFT = 124;
export const JOB_TAPS_MAX = 128;
export const JOB_HIDDEN_OUTPUTS = 132;
export const JOB_HIDDEN_SHIFT = 136;
export const JOB_HIDDEN_MAX = 140;
export const JOB_PARAMETERS_SHIFT = 144;
/** Address of GROUP_BYTES for each group. */
export const JOB_GROUP_TABLE = 148;

/** The quantizer's tables. */
/** [226] of (LOGISTIC[i], LOGISTIC[i + 1] - LOGISTIC[i]). */
export const JOB_LOGISTIC = 152;
/** [64] of (mantissa, shift). */
export const JOB_SCALES = 156;
/** [size - 1] */
export const JOB_BOUNDARIES = 160;
/** [channels] of (gain, log gain). */
export const JOB_GAINS = 164;
/** [channels][size] of i16. */
export const JOB_VALUES = 168;

/** Offset in a row of the ring of the list of the latent's pairs that are not zero (sparse.ts). */
export const JOB_LIST = 172;
/** Encoder, [size] of i32: the centers. */
export const JOB_CENTERS = 184;
/**
 * Encoder, [rows][columns] of i32, from the tile's first position: the price of a bit in units of
 * 2^-12 of the square of the quantizer's unit, or 0; and bytes from a row to the next.
 */
export const JOB_PRICES = 176;
export const JOB_PRICE_STRIDE = 188;
/** Encoder, [channels] of i32: factors of the price in units of 2^-8. */
export const JOB_PRICE_FACTORS = 192;
/** Encoder, [rows][columns][channels] of bytes: where the symbols go; bytes from a row to the next. */
export const JOB_SYMBOLS = 196;
export const JOB_SYMBOL_STRIDE = 200;
/** Encoder, [256] of i16: log2(1 + i / 256) in units of 2^-8. */
export const JOB_LOG2 = 180;

/**
 * Decoder, [MODES] of bytes: for means from -MODES / 2 steps on, the cell that is tried first; after
 * them room for CELL_BYTES a channel of a group (symbols.ts).
 */
export const JOB_MODES = 204;
/** Decoder, 6 vectors: `storeConstants` in distribution.ts. */
export const JOB_CONSTANTS = 208;

export const JOB_BYTES = 304;

/** Entries of the table of cells that are tried first, and the logarithm of their step of means. */
export const MODES = 512;
export const MODE_SHIFT = 9;

/** What is known of a symbol before it is decoded: four counts, then */
export const CELL_INDEX = 16;
export const CELL_MEAN = 20;
export const CELL_MANTISSA = 24;
export const CELL_SHIFT = 28;
export const CELL_BYTES = 32;

/** One group's layers. */
export const GROUP_HIDDEN_WEIGHTS = 0;
export const GROUP_HIDDEN_BIAS = 4;
export const GROUP_PARAMETERS_WEIGHTS = 8;
export const GROUP_PARAMETERS_BIAS = 12;
export const GROUP_BYTES = 16;

/** A wave reads the four waves before it. */
export const WAVES_KEPT = 5;
/** Rows of zeros above and below the tile's rows in each wave of the ring. */
export const MARGIN_ROWS = 2;
/** A symbol moves at most this many bytes in or out of the coder. */
export const SYMBOL_BYTES_MAX = 3;
