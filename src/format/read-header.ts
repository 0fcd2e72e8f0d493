import { isBytes, viewOf } from '../image/bytes.js';
import type { Bytes, ImageHeader, Limits } from '../types.js';
import { ShvqError } from './errors.js';
import { parseHeader } from './header.js';
import { resolveLimits } from './limits.js';

/**
 * Reads what a file says of itself. Needs no model, no WebAssembly, and no more of the file than its
 * first bytes.
 *
 * @param options.limits Checked only if given; decoding checks its own.
 * @throws ShvqError BAD_INPUT, BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT
 */
export function readHeader(bytes: Bytes, options: { limits?: Limits } = {}): ImageHeader {
  if (!isBytes(bytes)) throw new ShvqError('BAD_INPUT', 'The header must be in memory');
  return parseHeader(viewOf(bytes), options.limits && resolveLimits(options.limits));
}
