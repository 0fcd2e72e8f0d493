/** Where each kind of bit keeps its contexts: docs/weights-format.md, section 5. */

/** Classes of expected magnitude. */
export const SCALES = 40;
/** Magnitudes from this one on are coded as an escape. */
export const UNARY = 14;

/** [SCALES][3][5]: whether the residual's high part is zero. */
export const ZERO = 0;
/** [10][3][5]: whether the residual lies on the side of the prediction's sign. */
export const SIGN = ZERO + SCALES * 15;
/** [SCALES][3][16]: unary magnitude. */
export const MAGNITUDE = SIGN + 150;
/** [32]: number of bits of an escape. */
export const ESCAPE = MAGNITUDE + SCALES * 48;
/** [32]: bits of an escape below its leading one. */
export const ESCAPE_BITS = ESCAPE + 32;
/** [SCALES][3][2]: highest and other bits below the high part. */
export const LOW = ESCAPE_BITS + 32;
/** [4][256]: bytes of elements kept as bits, by plane. */
export const PLANES = LOW + SCALES * 6;
/** [SCALES][16]: number of bits of a vector's index. */
export const LENGTH = PLANES + 8 * 256;
/** [2^15]: bits of a vector's index below its leading one. */
export const TREE = LENGTH + SCALES * 16;

export const CONTEXTS = TREE + 2 ** 15;
