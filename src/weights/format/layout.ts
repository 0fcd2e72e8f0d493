import type { Codebook } from '../types.js';
import type { Storage } from './header.js';

/** Numbers of docs/weights-format.md, section 3. */

/** By the high half of a tensor's kind. */
export const STORAGES: readonly Storage[] = ['planes', 'sequence', 'quantized'];
export const CODEBOOK_KINDS: readonly Codebook['kind'][] = ['uniform', 'scalar', 'vector'];

/** Bytes of the header's text, at most. A code of few bytes can stand for any number of them. */
export const TEXT_MAX = 2 ** 26;
export const RANK_MAX = 8;
/** Centers of a scalar and of a vector codebook, at most. */
export const SCALARS_MAX = 2 ** 16;
export const VECTORS_MAX = 2 ** 15 - 2;
/** Centers and indices are smaller, so that float32 holds them. */
export const POINT_MAX = 2 ** 24;
export const DIMENSIONS_MAX = 16;
/** Logarithm of a magnitude at the start, times 256. */
export const SCALE_MAX = 18;
