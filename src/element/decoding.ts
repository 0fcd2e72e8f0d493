import { Lazy } from '../runtime/lazy.js';
import type { ByteSource, DecodedRows, DecodeOptions } from '../types.js';
import { createPool } from '../worker.js';

/** What the element needs of a decoder: `createPool()` and `createDecoder()` make one. */
export interface RowDecoder {
  decodeRows(source: ByteSource, options?: DecodeOptions): Promise<DecodedRows>;
}

/**
 * Decodes in workers, or in the page's own thread where workers cannot be started: from a file, at
 * another origin, or under a policy that forbids them.
 */
export const sharedDecoder = new Lazy(async (): Promise<RowDecoder> => {
  const pool = createPool();
  try {
    await pool.start();
    return pool;
  } catch {
    pool.dispose();
    const { createDecoder } = await import('../decode.js');
    return createDecoder();
  }
});
