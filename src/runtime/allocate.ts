import { ShvqError } from '../format/errors.js';

/** Memory for pixels. @throws ShvqError ENVIRONMENT where the host has none */
export function allocate(bytes: number): Uint8ClampedArray<ArrayBuffer> {
  try {
    return new Uint8ClampedArray(bytes);
  } catch (cause) {
    throw new ShvqError('ENVIRONMENT', `The host has no ${bytes} bytes of memory`, { cause });
  }
}
