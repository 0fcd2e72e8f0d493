/** Tells the host which build a module is: the one with SIMD has this export, the other has not. */
export const simd: bool = true;
