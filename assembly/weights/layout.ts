/**
 * Where things lie in memory, shared with src/weights/decode/wasm.ts: adaptation rates, then the
 * contexts. From HEAP on the memory is the host's.
 */

/** u32 [128][2]: how far a probability moves, and what is added to its count. */
export const RATES: usize = 64;
/** u32 [CONTEXTS]: a probability in the lower 22 bits, above it the count of bits seen. */
export const MODELS: usize = 2048;

// The contexts of src/weights/coder/contexts.ts.
export const SCALES: i32 = 40;
export const UNARY: i32 = 14;
export const ZERO: i32 = 0;
export const SIGN: i32 = ZERO + SCALES * 15;
export const MAGNITUDE: i32 = SIGN + 150;
export const ESCAPE: i32 = MAGNITUDE + SCALES * 48;
export const ESCAPE_BITS: i32 = ESCAPE + 32;
export const LOW: i32 = ESCAPE_BITS + 32;
export const PLANES: i32 = LOW + SCALES * 6;
export const LENGTH: i32 = PLANES + 8 * 256;
export const TREE: i32 = LENGTH + SCALES * 16;
export const CONTEXTS: i32 = TREE + (1 << 15);

export const HEAP: usize = MODELS + ((<usize>CONTEXTS) << 2);
