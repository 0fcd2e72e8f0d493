import { ShvqError } from '../format/errors.js';

const PAGE = 65536;

function outOfMemory(bytes: number, cause: unknown): ShvqError {
  return new ShvqError('ENVIRONMENT', `The host has no ${bytes} bytes of memory`, { cause });
}

/** Memory of at least so many bytes. @throws ShvqError ENVIRONMENT where the host refuses it */
export function newMemory(bytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  } catch (cause) {
    throw outOfMemory(bytes, cause);
  }
}

/**
 * Makes memory at least so large; views made before may be detached.
 *
 * @throws ShvqError ENVIRONMENT where the host refuses it
 */
export function growMemory(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw outOfMemory(bytes, cause);
  }
}
