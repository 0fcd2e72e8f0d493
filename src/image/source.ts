import { ShvqError } from '../format/errors.js';
import { checkAborted } from '../runtime/drive.js';
import type { AbortSignalLike, ByteSource, ReadableStreamLike } from '../types.js';
import { isBytes, viewOf } from './bytes.js';

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
