import { ShvqError } from '../format/errors.js';
import { checkAborted } from '../runtime/drive.js';
import type { AbortSignalLike, ByteSource, Bytes, ReadableStreamLike } from '../types.js';

/** `instanceof` fails for buffers of another realm; the tag does not. */
function isBuffer(value: unknown): value is ArrayBufferLike {
  const tag = Object.prototype.toString.call(value);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

export function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || isBuffer(value);
}

/**
 * The bytes of a buffer or view, not copied. Never a subclass: the `slice` of Node's Buffer, unlike
 * that of Uint8Array, shares memory.
 *
 * @throws ShvqError BAD_INPUT where the buffer is detached
 */
export function viewOf(bytes: Bytes): Uint8Array {
  try {
    if (ArrayBuffer.isView(bytes)) {
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new ShvqError('BAD_INPUT', 'The buffer is detached', { cause });
  }
}

function checkLength(length: number, maxBytes: number): void {
  if (length > maxBytes) {
    throw new ShvqError('LIMIT', `The file has more bytes than limits.maxBytes = ${maxBytes}`);
  }
}

async function readStream(
  stream: ReadableStreamLike,
  maxBytes: number,
  signal: AbortSignalLike | undefined,
): Promise<Uint8Array> {
  let reader: ReturnType<ReadableStreamLike['getReader']>;
  try {
    reader = stream.getReader();
  } catch (cause) {
    throw new ShvqError('BAD_INPUT', 'The stream is locked or has been read', { cause });
  }
  // Cancelling makes a pending read end, so that an abort need not wait for the network.
  const cancel = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', cancel);
  try {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      checkAborted(signal);
      if (done) break;
      if (!isBytes(value)) throw new ShvqError('BAD_INPUT', 'The stream holds more than bytes');
      const part = viewOf(value);
      length += part.length;
      checkLength(length, maxBytes);
      parts.push(part);
    }
    if (parts.length === 1) return parts[0]!;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    reader.releaseLock();
  }
}

/**
 * The bytes of anything that a file can be read from; those in memory are not copied.
 *
 * @throws ShvqError BAD_INPUT, LIMIT, ABORTED; what a stream fails with passes through
 */
export async function readBytes(
  source: ByteSource,
  maxBytes: number,
  signal: AbortSignalLike | undefined,
): Promise<Uint8Array> {
  if (isBytes(source)) {
    const bytes = viewOf(source);
    checkLength(bytes.length, maxBytes);
    return bytes;
  }
  if (typeof source === 'object' && source !== null) {
    if ('getReader' in source) return readStream(source, maxBytes, signal);
    if ('body' in source) {
      if (!source.ok) throw new ShvqError('BAD_INPUT', `The response has status ${source.status}`);
      if (source.body === null) return new Uint8Array(0);
      return readStream(source.body, maxBytes, signal);
    }
    if ('stream' in source && 'size' in source) {
      checkLength(source.size, maxBytes);
      return readStream(source.stream(), maxBytes, signal);
    }
  }
  throw new ShvqError(
    'BAD_INPUT',
    'The source must be an ArrayBuffer, a view, a Blob, a Response or a ReadableStream',
  );
}
